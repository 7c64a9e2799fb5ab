"""A script alone, against the whole product: link an organisation, make a pool, push, read what came of it."""

from decimal import Decimal

from tests.journeys.people import JOURNEY
from tests.practice.forge.harness import one_job
from tfci.management.up.waiting import until

pytestmark = JOURNEY

PHASES = [
    "queued",
    "discovered",
    "decided",
    "ordered",
    "deployed",
    "booted",
    "registered",
    "started",
    "completed",
]
BILLABLE = 2  # seconds: the chain meters a contract in whole ones


def test_a_script_goes_the_whole_way_by_the_api(script, place):
    connection = script.call(
        "POST", "/connections", forge="gitea", url=place.forge.url, name=place.org, token=place.token
    )
    pool = script.call(
        "POST", "/pools", name="api", connections=[connection["id"]], linger_minutes=0, max_vms=2
    )
    place.push(one_job("2cpu4gbram20gbssd").replace("echo hi", f"sleep {BILLABLE}"))

    def ended():
        return script.items(f"/jobs?connection={connection['id']}&state=completed")

    until(ended, 300, "the job's end")
    [job] = ended()
    assert (job["conclusion"], job["repository"], job["size"]) == (
        "success",
        f"{place.org}/app",
        "2cpu4gbram20gbssd",
    )
    assert (job["pool_id"], job["attempt"], job["reason"]) == (pool["id"], 1, None)
    times = [job[f"{phase}_at"] for phase in PHASES]
    assert all(times) and times == sorted(times)

    vm = f"/vms/{job['vm_id']}"
    until(lambda: script.call("GET", vm)["state"] == "gone", 60, "the VM's end")
    gone = script.call("GET", vm)
    assert [event["now"] for event in gone["events"] if event["now"]] == [
        *("deploying", "booting", "standby", "assigned", "busy", "removing", "gone"),
    ]
    cost = Decimal(script.call("GET", f"/jobs/{job['id']}")["cost"])
    assert script.spent(f"/ledger?job={job['id']}") == cost > 0
    assert script.spent(f"/ledger?vm={job['vm_id']}") == Decimal(gone["cost"]) == cost

    assert script.call("DELETE", f"/pools/{pool['id']}")["closing_at"]
    script.call("DELETE", f"/connections/{connection['id']}")
    until(
        lambda: script.call("GET", f"/connections/{connection['id']}")["disconnected_at"], 60, "the unlinking"
    )
    assert place.runners() == place.get(f"/orgs/{place.org}/hooks").json == []
