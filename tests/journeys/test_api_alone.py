"""A script alone, against the whole product: link an organisation, make a pool, push, read what came of it."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from tests.practice.forge.harness import ROOT, Forge, a_place, one_job
from tfci.management.up import ports
from tfci.management.up.waiting import until

pytestmark = pytest.mark.e2e
LEGS = ["queued", "heard", "decided", "ordered", "deployed", "booted", "registered", "started", "completed"]
BILLABLE = 2  # seconds: the chain meters a contract in whole ones


class PracticeForge(Forge):
    """The one that runs with the product."""

    def __init__(self, home):
        self.world = json.loads((home / "forge" / "forge.json").read_text())
        self.url = self.world["url"]
        self.port = urlsplit(self.url).port


class Script:
    """All that it knows is the address and the token."""

    def __init__(self, url, token):
        self.url, self.headers = url, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method, path, **said):
        """The JSON of a good answer."""
        body = json.dumps(said).encode() if said else None
        request = urllib.request.Request(f"{self.url}/api/v1{path}", body, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None

    def items(self, path):
        return self.call("GET", path)["items"]

    def spent(self, path):
        """What the ledger took, as a positive sum."""
        return -sum(Decimal(entry["amount"]) for entry in self.items(path))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder of the whole product, running."""
    home = tmp_path_factory.mktemp("api-alone") / "home"
    its = {"FARMHAND_HOME": str(home), "FARMHAND_PORT": str(next(ports.free())), "FARMHAND_GRID": "simulated"}
    environment = os.environ | its
    process = subprocess.Popen([sys.executable, "-m", "tfci.management.up"], cwd=ROOT, env=environment)
    try:
        ready = home / "ready.json"
        until(lambda: ready.exists() or process.poll() is not None, 300, "ready.json")
        hurry(json.loads((home / "grid" / "ready.json").read_text()))
        yield home
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait(10)


def hurry(grid):
    """A chain without its twelve seconds: what they cost is seen in other tests."""
    headers = {"Authorization": f"Bearer {grid['control_token']}"}
    pace = json.dumps({"chain_latency": 0.2}).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{grid['url']}/control/pace", pace, headers), timeout=10
    ).close()


@pytest.fixture
def place(home):
    """An organisation on the practice forge that nobody has linked yet."""
    return a_place(PracticeForge(home), "acme")


@pytest.fixture
def script(home):
    ready = json.loads((home / "ready.json").read_text())
    return Script(ready["url"], ready["api_token"])


def test_a_script_goes_the_whole_way_by_the_api(script, place):
    org = script.call("POST", "/orgs", forge="gitea", url=place.forge.url, name="acme", token=place.token)
    pool = script.call("POST", "/pools", name="api", orgs=[org["id"]], linger_minutes=0, max_vms=2)
    place.push(one_job("2cpu4gbram20gbssd").replace("echo hi", f"sleep {BILLABLE}"))

    def ended():
        return script.items(f"/jobs?org={org['id']}&state=completed")

    until(ended, 300, "the job's end")
    [job] = ended()
    assert (job["conclusion"], job["repository"], job["size"]) == ("success", "acme/app", "2cpu4gbram20gbssd")
    assert (job["pool_id"], job["attempt"], job["why"]) == (pool["id"], 1, "")
    times = [job[f"{leg}_at"] for leg in LEGS]
    assert all(times) and times == sorted(times)

    vm = f"/vms/{job['vm_id']}"
    until(lambda: script.call("GET", vm)["state"] == "gone", 60, "the machine's end")
    gone = script.call("GET", vm)
    assert [event["now"] for event in gone["events"] if event["now"]] == [
        *("deploying", "booting", "standby", "assigned", "busy", "removing", "gone"),
    ]
    cost = Decimal(script.call("GET", f"/jobs/{job['id']}")["cost"])
    assert script.spent(f"/ledger?job={job['id']}") == cost > 0
    assert script.spent(f"/ledger?vm={job['vm_id']}") == Decimal(gone["cost"]) > cost

    assert script.call("DELETE", f"/pools/{pool['id']}")["closing_at"]
    script.call("DELETE", f"/orgs/{org['id']}")
    until(lambda: script.call("GET", f"/orgs/{org['id']}")["unlinked_at"], 60, "the unlinking")
    assert place.runners() == place.get("/orgs/acme/hooks").json == []
