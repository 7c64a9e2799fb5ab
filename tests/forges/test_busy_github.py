"""A few minutes of a busy organisation; `python -m tests.bench github` plays an hour."""

import pytest

from tests.bench.github_hour.busy_github import BusyGitHub

pytestmark = [pytest.mark.django_db, pytest.mark.proof]


def test_a_busy_organisation_is_refused_nothing_and_late_jobs_are_found(apps, settings):
    """At the edge of what GitHub allows; docs/performance.md has the whole hour. Calls are to be as many as an hour of
    this gives, but for the first tenth, which is free for whatever has its turn."""
    settings.UNSAFE_LOCAL_JOBS = True
    busy = BusyGitHub(apps)
    busy.minutes(5)
    seen = busy.figures()
    assert seen["jobs"] > 300
    assert seen["refused"] == 0 and seen["points"] <= 900
    assert seen["calls"] <= seen["limit"] * (5 / 60 + 0.1)
    assert seen["by poll"] > 0 and seen["p95"] <= 30
