"""No secret in a line, whoever wrote it and however it is told; and all else stays readable."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from runners.web import webhooks
from tfci.core.masking import MASK, SECRET_PATHS, Masker, mask_fields

ROOT = Path(__file__).parents[2]
WORD = "8-8tKCkwOEDRRdXP4vCG1kt_RTnCW_C4"
# What the patterns of addresses leave open and everybody may know.
PUBLIC = {"month", "team", "slug", "name", "pk", "app", "number", "uidb36", "node_id"}
mask = Masker(['k9$"quoted"', "short"])


@pytest.mark.parametrize(
    "name", ["password", "forge_token", "Authorization", "api_key", "HTTP_COOKIE", "seed_phrase"]
)
def test_a_field_named_like_a_secret_is_masked_however_deep(name):
    assert mask_fields({"a": [{name: "hunter2", "team": "blue"}]}) == {"a": [{name: MASK, "team": "blue"}]}


@pytest.mark.parametrize(
    "line, shown",
    [
        (f"Forbidden: /hooks/{WORD}", "Forbidden: /hooks/•••"),
        ("Not Found: /join/short/", "Not Found: /join/•••/"),
        (f"GET /join/{WORD}/accept", "GET /join/•••/accept"),
        ("<WSGIRequest: GET '/jobs?q=hunter2&page=2'>", "<WSGIRequest: GET '/jobs?•••'>"),
        ("/t/blue/spend/pay-out/confirm/1a-c0ffee/", "/t/blue/spend/pay-out/confirm/•••/"),
        ("Authorization: Bearer fh_abc", "Authorization: •••"),
        ("it sent Bearer 0123456789abcdef", "it sent Bearer •••"),
        ("Cookie: farmhand_session=abc123; farmhand_csrf=def456", "Cookie: •••; farmhand_csrf=•••"),
        (
            "csrfmiddlewaretoken=x&login=ann&password=hunter2",
            "csrfmiddlewaretoken=•••&login=ann&password=•••",
        ),
        ("{'password': 'two words', 'team': 'blue'}", "{'password': '•••', 'team': 'blue'}"),
        (r'{"body": "{\"token\": \"abc\", \"n\": 1}"}', r'{"body": "{\"token\": \"•••\", \"n\": 1}"}'),
        ("host=db user=farmhand password=hunter2 dbname=x", "host=db user=farmhand password=••• dbname=x"),
        ("redis://:hunter2@valkey:6379/0", "redis://•••@valkey:6379/0"),
        (f"row {WORD} exists", "row ••• exists"),
        ('the key is k9$"quoted" here', "the key is ••• here"),
        (json.dumps({"event": 'k9$"quoted"'}), '{"event": "•••"}'),
    ],
)
def test_a_secret_is_masked_wherever_it_stands(line, shown):
    assert mask(line) == shown


@pytest.mark.parametrize(
    "line",
    [
        "GET /t/a-team-with-a-long-name-of-its-own/pools/12/",
        "0f8fad5b-d9cb-469f-a165-70867728950e c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00",
        "token = Token.objects.filter(digest=digest(text), revoked_at=None).first()",
        'File "tfci/accounts/tokens.py", line 47, in find_a_token_by_what_somebody_said',
        '{"tokens": 3, "secret": null, "cookies": {"a": 1}}',
        "password authentication failed for user farmhand",
        "Is it so? Yes: https://docs.example.org/a/long/path and a short one",
    ],
)
def test_what_is_no_secret_stays_readable(line):
    assert mask(line) == line


def secret_parts(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """What stands in front of each open part of a pattern that not everybody may know."""
    for pattern in resolver.url_patterns:
        text = before + re.sub(r"^\^", "", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            for part in re.finditer(r"<(?:\w+:)?(\w+)>", text):
                if part[1] not in PUBLIC:
                    yield re.sub(r"\(\?P$", "", text[: part.start()])
        else:
            yield from secret_parts(pattern, text)


def test_each_address_with_a_secret_part_is_known():
    secret = [*secret_parts(get_resolver()), webhooks.DOOR]
    assert [start for start in secret if not start.endswith(SECRET_PATHS)] == []
    assert [path for path in SECRET_PATHS if not any(start.endswith(path) for start in secret)] == []


def test_the_front_masks_the_same_addresses():
    [pattern] = re.findall(r"request>uri regexp \"\((\S+?)\)", (ROOT / "Caddyfile").read_text())
    assert pattern.split("|")[:-1] == list(SECRET_PATHS)


@pytest.mark.parametrize(
    "part",
    [
        *("a", "-", "aA1", "?", "?a", "/", "://a", "://a:", ":", "a@"),
        *("secret", "secret_", "token=", 'token="', "bearer "),
    ],
)
def test_a_strangers_text_takes_time_in_proportion_to_its_length(part):
    begun = time.process_time()
    mask("://" + part * (100_000 // len(part)))
    assert time.process_time() - begun < 2
