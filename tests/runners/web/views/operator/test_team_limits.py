"""A team's limits, on the operator's page of it."""

import pytest

from billing import limits
from tfci.core.tft import Tft

ADDRESS = "/operator/teams/kestrel-labs/"


def test_limits_are_saved_shown_and_cleared(house, operator):
    form = {"max_vms": "5", "max_per_hour": "12.5", "max_job_minutes": ""}
    assert "are saved" in operator.post(f"{ADDRESS}limits/", form, follow=True).text
    assert limits.own(house.team.pk) == limits.TeamCaps(5, Tft.parse("12.5"))
    assert 'value="12.5"' in operator.get(ADDRESS).text
    operator.post(f"{ADDRESS}limits/", {})
    assert limits.own(house.team.pk) == limits.TeamCaps()


@pytest.mark.parametrize(
    "form, sentence",
    [
        ({"max_per_hour": "much"}, "Enter a number of TFT"),
        ({"max_per_hour": "-1"}, "Enter 0 or more"),
        ({"max_vms": "-1"}, "greater than or equal to 0"),
        ({"max_job_minutes": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_is_no_limit_is_refused_and_nothing_is_saved(house, operator, form, sentence):
    answer = operator.post(f"{ADDRESS}limits/", form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert limits.own(house.team.pk) == limits.TeamCaps()
