"""A few minutes of a busy organisation; `python -m tests.bench github` plays an hour."""

import pytest

from tests.bench.busy_github import BusyGitHub

pytestmark = [pytest.mark.django_db, pytest.mark.proof]


def test_a_busy_organisation_stays_within_github_s_limits_and_jobs_are_heard_of_in_time(apps):
    busy = BusyGitHub(apps)
    busy.minutes(8)
    seen = busy.figures()
    assert seen["jobs"] > 500
    assert seen["refused"] == 0 and seen["points"] <= 900
    assert seen["calls"] < seen["limit"] * 8 / 60
    assert seen["p95"] < 30
