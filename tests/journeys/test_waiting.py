"""Why does a job wait? One sentence says it, on the board and on the job's page, until it is over."""

from tests.journeys.people import JOURNEY
from tests.practice.forge.harness import one_job

pytestmark = JOURNEY

TWO = """\
name: ci
on: [push]
jobs:
  first:
    runs-on: small
    steps:
    - run: until [ -e {gate} ]; do sleep 0.2; done
  second:
    runs-on: small
    steps:
    - run: until [ -e {gate} ]; do sleep 0.2; done
"""


def test_the_true_cause_of_a_wait_is_one_sentence(owner, script, place, linked, tmp_path):
    gate = tmp_path / "gate"
    script.call("POST", "/pools", name=place.org, connections=[linked["id"]], max_vms=1, linger_minutes=0)
    place.push(TWO.format(gate=gate))
    owner.go("Jobs")
    owner.sees("has reached its maximum of 1 VM")
    waiting = (
        owner.page.get_by_role("row").filter(has_text="has reached its maximum of 1 VM").get_by_role("link")
    )
    owner.hands.press(waiting.first)
    owner.sees("has reached its maximum of 1 VM")
    gate.touch()
    owner.until_it_shows(owner.page.locator("h1 + .chip", has_text="Succeeded"))


def test_a_job_that_is_too_large_says_what_would_fit(owner, script, place, linked):
    script.call("POST", "/pools", name=place.org, connections=[linked["id"]], sizes=["small"], max_vms=1)
    place.push(one_job("64cpu256gbram100gbssd"))
    owner.go("Jobs")
    owner.sees("64 processors")
