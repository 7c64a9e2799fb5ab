"""Jobs by API: where each is, why, the time of each phase, and what it cost."""

from datetime import timedelta

import pytest

from billing import ledger
from runners.reasons.waits import PoolMaximum
from tests.builders import NOON, a_connection, a_job, a_pool, a_runner, a_team, a_vm
from tests.worlds import a_world
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
FIELDS = {
    *(
        "id",
        "forge",
        "connection_id",
        "repository",
        "workflow",
        "branch",
        "name",
        "labels",
        "size",
        "ours",
        "ending",
        "forge_notices_at",
        "url",
        "sha",
        "state",
        "conclusion",
        "reason",
    ),
    *(
        "expected_at",
        "pool_id",
        "vm_id",
        "vm_pool_id",
        "attempt",
        "queued_at",
        "discovered_at",
        "decided_at",
        "ordered_at",
        "sent_at",
    ),
    *(
        "deployed_at",
        "booted_at",
        "refreshed_at",
        "registered_at",
        "started_at",
        "completed_at",
        "cost",
        "cost_so_far",
        "used",
    ),
    *("cost_parts", "cost_usd", "tft_usd", "priced_at", "attempts"),  # of one job, not of a list
}


@pytest.fixture
def outside(monkeypatch):
    world, forge, _, _ = a_world()
    monkeypatch.setattr("runners.gateways.GATEWAYS", world)
    return forge


@pytest.fixture
def pool(team):
    return a_pool(team, [a_connection(team, name="acme")])


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def told(seconds):
    return f"2026-06-01T12:00:{seconds:02}.000Z"


def test_a_job_that_waits_says_why(reader, pool):
    connection = pool.connections.get()
    job = a_job(
        connection,
        pool=pool,
        reason=PoolMaximum(3),
        workflow="ci.yml",
        url="https://git.example.org/1",
        sha="c0ffee",
    )
    said = reader.get(f"/jobs/{job.pk}").said
    assert said.keys() == FIELDS
    expected = {
        "forge": "gitea",
        "connection_id": connection.pk,
        "repository": "acme/app",
        "workflow": "ci.yml",
        "name": "build",
        "labels": ["small"],
        "size": "2cpu8gbram50gbssd",
        "state": "queued",
        "conclusion": "",
        "reason": {
            "code": "pool_maximum",
            "params": {"max_vms": 3, "promised": 0},
            "text": "the pool has reached its maximum of 3 VMs",
            "owner": "team",
        },
        "url": "https://git.example.org/1",
        "sha": "c0ffee",
        "cost_so_far": False,
        "expected_at": None,
        "pool_id": pool.pk,
        "vm_id": None,
        "attempt": 1,
        "queued_at": told(0),
        "discovered_at": told(0),
        "decided_at": None,
        "ordered_at": None,
        "cost": "0.0000000",
        "used": None,
    }
    assert {name: said[name] for name in expected} == expected


def test_a_job_that_a_vm_stands_for_waits_for_what_that_waits_for(reader, pool):
    vm = a_vm("booting", pool, ordered_at=later(2))
    job = a_job(pool.connections.get(), pool=pool, awaits=vm, decided_at=later(1))
    said = reader.get(f"/jobs/{job.pk}").said
    assert said["reason"]["code"] == "vm_boots"
    assert (said["decided_at"], said["ordered_at"], said["booted_at"]) == (told(1), told(2), None)


def a_done_job(pool, **fields):
    """On a VM that was made for it."""
    times = {"ordered_at": later(2), "sent_at": later(3), "deployed_at": later(4), "claimed_at": later(5)}
    vm = a_vm("gone", pool, **times | fields)
    ends = {"started_at": later(7), "completed_at": later(9), "read_at": later(9), "conclusion": "success"}
    job = a_job(pool.connections.get(), "completed", pool=pool, vm=vm, decided_at=later(1), **ends)
    runner = {"bound_at": later(5), "registered_at": later(6), "started_at": later(6), "taken_at": later(7)}
    a_runner(vm, job, job=job, deregistered_at=later(10), **runner)
    return job


def test_a_job_that_is_done_has_the_time_of_each_leg(reader, pool):
    said = reader.get(f"/jobs/{a_done_job(pool).pk}").said
    names = ["discovered", "decided", "ordered", "sent", "deployed", "booted", "registered", "started"]
    assert [said[f"{name}_at"] for name in names] == [told(n) for n in range(8)]
    assert said["completed_at"] == told(9)
    assert (said["state"], said["conclusion"], said["reason"]) == ("completed", "success", None)


def test_what_a_standing_vm_had_behind_it_is_not_the_jobs_wait(reader, pool):
    before = dict.fromkeys(["ordered_at", "sent_at", "deployed_at", "claimed_at"], later(-60))
    said = reader.get(f"/jobs/{a_done_job(pool, **before).pk}").said
    assert [said[f"{name}_at"] for name in ("ordered", "sent", "deployed", "booted")] == [None] * 4
    assert (said["decided_at"], said["registered_at"]) == (told(1), told(6))


def test_a_job_that_is_done_says_what_it_used_of_its_vm(reader, pool):
    job = a_done_job(pool)
    assert reader.get(f"/jobs/{job.pk}").said["used"] is None
    told = {
        "mean_cpu": 410,
        "peak_cpu": 987,
        "peak_memory": 3100,
        "peak_disk": 9000,
        "received": 5 << 30,
        "sent": 12,
    }
    job.vm.runners.update(done_at=later(9), done_cause="exited", **told)
    shares = {"mean_cpu": 0.41, "peak_cpu": 0.987}
    assert reader.get(f"/jobs/{job.pk}").said["used"] == told | shares


def test_the_cost_is_the_ledgers(reader, pool):
    job = a_done_job(pool)
    wallet = job.vm.wallet
    for n in (1, 2):
        ledger.charge(
            wallet, f"c{n}", Tft.parse("0.0012345"), NOON, use="job", job_id=job.pk, vm_id=job.vm_id
        )
    ledger.charge(wallet, "boot", Tft.parse("1"), NOON, use="boot", vm_id=job.vm_id)
    assert reader.get(f"/jobs/{job.pk}").said["cost"] == "0.0024690"
    assert reader.get("/jobs").items[0]["cost"] == "0.0024690"


@pytest.mark.parametrize("state", ["waiting", "queued", "refused", "in_progress", "completed"])
def test_jobs_are_found_by_state(reader, pool, state):
    connection = pool.connections.get()
    found = {
        kind: a_job(connection, kind).pk
        for kind in ("waiting", "queued", "refused", "in_progress", "completed")
    }
    assert reader.get("/jobs", state=state).ids == [found[state]]


def test_several_states_add_up(reader, pool):
    connection = pool.connections.get()
    queued, _, waiting = (a_job(connection, state).pk for state in ("queued", "completed", "waiting"))
    assert reader.get("/jobs", state=["queued", "waiting"]).ids == [waiting, queued]


def test_each_filter_keeps_the_jobs_that_have_it(reader, team, pool):
    its_own = {"branch": "main", "workflow": "ci.yml", "name": "unit"}
    job = a_job(pool.connections.get(), pool=pool, labels=["ours", "small"], repository="acme/app", **its_own)
    a_job(a_connection(team), labels=["large"], repository="other/app")
    for asked in (
        {"connection": job.connection_id},
        {"pool": pool.pk},
        {"label": "ours"},
        {"repository": "Acme/App"},
        {"connection": job.connection_id, "label": "small"},
        {"branch": "main"},
        {"workflow": "ci.yml", "forge": "gitea"},
        {"q": "acme uni"},
    ):
        assert reader.get("/jobs", **asked).ids == [job.pk]
    assert reader.get("/jobs", label="our").ids == []


def test_a_filter_by_what_is_another_teams_finds_nothing(reader):
    job = a_job(a_connection(a_team()))
    assert reader.get("/jobs", connection=job.connection_id).items == []


@pytest.mark.parametrize(
    "field, value",
    [
        ("state", "done"),
        ("cause", "moon"),
        ("since", "soon"),
        ("connection", "acme"),
        ("pool", "0"),
        ("label", "\x00"),
        ("repository", "x" * 301),
    ],
)
def test_a_filter_that_makes_no_sense_is_told(reader, field, value):
    answer = reader.get("/jobs", **{field: value})
    answer.problem(422)
    assert [name.partition(".")[0] for name in answer.said["errors"]] == [field]


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_job_itself_is_read_only(writer, pool, method):
    job = a_job(pool.connections.get(), pool=pool)
    answer = writer.call(method, f"/jobs/{job.pk}", {})
    assert "only GET" in answer.problem(405)
    assert answer.headers["Allow"] == "GET"


def test_a_job_is_run_again_by_its_forge(writer, pool, outside):
    job = a_job(a_connection(pool.team, version="1.26.0"), "completed", run_id="5", conclusion="failure")
    answer = writer.call("POST", f"/jobs/{job.pk}/rerun", {})
    assert (answer.status, answer.said["id"]) == (202, job.pk)
    assert outside.asked == [("rerun", job.repository, "5", job.forge_job_id)]


def test_what_a_forge_can_t_do_is_told(writer, pool, outside):
    job = a_job(a_connection(pool.team, version="1.25.4"), "queued", run_id="5")
    assert "Gitea 1.25.4 lets nobody do that by a token" in writer.call(
        "POST", f"/jobs/{job.pk}/cancel", {}
    ).problem(422)
    assert outside.asked == []


@pytest.mark.parametrize("act", ["rerun", "cancel"])
def test_a_read_token_asks_nothing_of_a_forge(reader, pool, outside, act):
    reader.call("POST", f"/jobs/{a_job(pool.connections.get()).pk}/{act}", {}).problem(403)
    assert outside.asked == []


def test_a_page_of_jobs_costs_the_same_whatever_its_length(reader, pool, django_assert_max_num_queries):
    for _ in range(10):
        a_done_job(pool)
        a_job(pool.connections.get(), pool=pool, awaits=a_vm("booting", pool))
    reader.get("/jobs")
    with django_assert_max_num_queries(6):  # the token, its use, keys, jobs, runners, medians
        assert len(reader.get("/jobs").items) == 20


def test_a_job_on_a_vm_of_another_pool_says_so(reader, team):
    connection = a_connection(team)
    own, other = a_pool(team, [connection]), a_pool(team, [connection])
    for pool in (own, other):
        a_job(connection, "in_progress", pool=own, vm=a_vm("busy", pool))
    a_job(connection, pool=own)
    told = [(job["pool_id"], job["vm_pool_id"]) for job in reader.get("/jobs").items]
    assert told == [(own.pk, None), (own.pk, other.pk), (own.pk, own.pk)]
