import logging

import pytest
import structlog

from tfci import logs
from tfci.secret import Secret


@pytest.mark.parametrize(
    "name", ["password", "forge_token", "Authorization", "api_key", "HTTP_COOKIE", "seed_phrase"]
)
def test_a_field_named_like_a_secret_is_masked(name):
    assert logs.drop_secrets(None, "info", {name: "hunter2", "team": "blue"}) == {name: "•••", "team": "blue"}


@pytest.mark.parametrize(
    "request_line, shown",
    [
        ("POST /hooks/8-8tKCkwOEDRRdXP4vCG1kt_RTnCW_C4", "POST /hooks/•••"),
        ("GET /join/8-8tKCkwOEDRRdXP4vCG1kt_RTnCW_C4/accept", "GET /join/•••/accept"),
        ("GET /jobs?q=hunter2", "GET /jobs?•••"),
        ("GET /demo/pools/12/", "GET /demo/pools/12/"),
    ],
)
def test_an_address_that_nobody_may_guess_is_not_logged(request_line, shown):
    assert logs.drop_addresses(None, "info", {"request": request_line}) == {"request": shown}


@pytest.fixture(params=[False, True], ids=["text", "json"])
def lines(request, capsys):
    """What a log line looks like in either form."""
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=logs.configure(logging.INFO, request.param)["formatters"]["line"]["processors"],
        foreign_pre_chain=logs.SHARED,
    )
    return lambda *values, **extra: formatter.format(
        logging.makeLogRecord(
            {"name": "x", "levelname": "INFO", "msg": values[0], "args": values[1:], **extra}
        )
    )


def test_a_line_shows_what_happened_and_no_secret(lines):
    line = lines("linked %s with %s", "blue", Secret("hunter2"), token="hunter2")
    assert "linked blue with" in line
    assert "hunter2" not in line


def test_a_line_of_an_error_has_its_traceback(lines):
    try:
        raise ValueError("the wall is too high")
    except ValueError as error:
        line = lines("failed", exc_info=(type(error), error, error.__traceback__))
    assert "the wall is too high" in line
    assert "test_logs.py" in line
