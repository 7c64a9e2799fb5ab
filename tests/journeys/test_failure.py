"""A failed job: found, understood, run again by our own button."""

import pytest

from tests.journeys.people import JOURNEY
from tests.practice.forge.harness import LINK, one_job

pytestmark = JOURNEY


@pytest.fixture
def token(place):
    """With the scope that running a job again needs, beside those of a link."""
    return place.forge.token(place.owner, *LINK, "write:repository")


def test_a_failed_job_is_found_understood_and_run_again(owner, script, place, linked, tmp_path):
    mended = tmp_path / "mended"
    script.call("POST", "/pools", name=place.org, connections=[linked["id"]], max_vms=2, linger_minutes=0)
    place.push(one_job().replace("echo hi", f"test -e {mended}"))
    owner.go("Jobs")
    ours = owner.page.get_by_role("row").filter(has_text=place.org)
    owner.until_it_shows(ours.filter(has_text="A step of the job failed"))
    owner.hands.press(ours.get_by_role("link", name="build").first)
    owner.until_it_shows(owner.page.locator("h1 + .chip", has_text="Failed"))
    owner.sees("Your code")
    mended.touch()
    owner.follow("Retry job")
    owner.confirm("Retry job")
    owner.sees("was asked to retry the job")
    owner.follow("Jobs")
    owner.until_it_shows(ours.filter(has_text="Succeeded"))
