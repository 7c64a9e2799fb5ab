"""Farmhand builds Farmhand: its own workflow, read by the practice forge, runs `.ci/run` on a VM."""

from tests.journeys.people import JOURNEY
from tests.practice.forge.harness import ROOT
from tfci.management.up.waiting import until

pytestmark = JOURNEY

OWN = (".gitea/workflows/ci.yaml", ".ci/run")
# Stands in for ours, whose `make test` would run all tests in this one.
MAKEFILE = "test:\n\t@echo $(MAKE) test in CI=$(CI)\n"


def test_its_own_workflow_runs_on_a_vm(script, place, linked):
    pool = script.call(
        "POST", "/pools", name="own build", connections=[linked["id"]], linger_minutes=0, max_vms=1
    )
    place.write({path: (ROOT / path).read_text() for path in OWN} | {"Makefile": MAKEFILE})
    until(lambda: place.jobs()[0]["status"] == "completed", 300, "the job's end")
    [job] = place.jobs()
    log = place.get(f"{place.repo}/actions/jobs/{job['id']}/logs").raw.decode()
    assert (job["name"], job["conclusion"]) == ("test", "success"), log
    assert "make test in CI=true" in log
    assert job["runner_name"].startswith("fh-")
    script.call("DELETE", f"/pools/{pool['id']}")
