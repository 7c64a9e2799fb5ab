"""What the team works with: pools with every option, VMs in every state with every reason, their jobs, servers."""

from itertools import cycle
from struct import Struct

from tests.upgrade.installation import DAY, HOUR, MINUTE, NOON, SIZE, TFT
from tests.upgrade.people import USES, move
from tests.upgrade.sentences.jobs import CONCLUSIONS, JOB_WHY, RERUN
from tests.upgrade.sentences.names import PERSON
from tests.upgrade.sentences.outside import DEBUG_REFUSED, ENGINE_ENDS, NODE_REFUSALS
from tests.upgrade.sentences.vms import (
    DECISIONS,
    LOST,
    RETIRED,
    SERVER_WHY,
    SERVING_WHY,
    SPENT,
    VM_TOLD,
    VM_WHY,
)
from tests.upgrade.sentences.waits import PERMANENT, WAITS
from tfci.core.secret import Secret
from tfci.core.vault import digest

PATH = ("wanted", "deploying", "booting", "standby", "assigned", "busy", "removing", "gone")
PATHS = {state: PATH[: n + 1] for n, state in enumerate(PATH)} | {
    "kept": (*PATH[:6], "kept"),
    "refreshing": (*PATH[:6], "refreshing"),
    "serving": (*PATH[:3], "serving"),
}
SAMPLE = Struct("<7e").pack(1, 0.5, 0.01, 0.5, 2, 0, 0)
SMALL = "2cpu8gbram50gbssd"
POOLS = {
    "default": {"min_vms": {"small": 1}, "nodes": {"regions": ["Europe"]}, "reuse": "repository"},
    "releases": {"anchors": ["release"], "protection": "ram", "max_vms": 1, "sizes": ["large", "xlarge"]},
    "plain": {"protection": "none", "reuse": "organisation", "repositories": ["kestrel/wing"]},
    "nodes": {"nodes": {"ids": [14], "farms": [1], "countries": ["Belgium"], "rule": {"max_price": "2"}}},
    "spread": {"min_distinct_nodes": 3, "nodes": {"rule": {"min_success_percent": 50, "certified": True}}},
    "packed": {"nodes": {"rule": {"pack": True}}, "linger_minutes": 60, "max_job_minutes": 30},
    "watched": {"cpu_target": 80, "cpu_minutes": 5},
    "emulated": {"arm64_emulated": True, "container_image": "debian:trixie", "default_size": "medium"},
    "again": {"rerun_lost": True},
    "closing": {"closing_at": NOON},
    "closed": {"closing_at": NOON - DAY, "closed_at": NOON - DAY},
}


def fill(old):
    _pools(old)
    _alive(old)
    _gone(old)
    _held_jobs(old)
    _ended_jobs(old)
    _engines(old)
    _servers(old)
    _debug(old)


def _pools(old):
    for position, (name, columns) in enumerate(POOLS.items()):
        row = {"name": name, "position": position, "created_at": NOON - 30 * DAY, **columns}
        pool = old.name(name, "runners.Pool", team=old["team"], **row)
        pool.orgs.set([old["gitea org"], old["forgejo org"]])
    for number, decision in enumerate(DECISIONS):
        old.add(
            "runners.Event", team=old["team"], pool=old["default"], why=decision, at=old.minutes_ago(number)
        )
    for pool, decision in zip(POOLS, DECISIONS, strict=False):
        old[pool].decision, old[pool].decided_at = decision, NOON
        old[pool].save()
    pressure = {"machines": 2, "cpu": 910, "steal": 30, "since": NOON, "read_at": NOON}
    for size, high in ((SMALL, True), ("4cpu16gbram100gbssd", False)):
        changed = {"extra": int(high), "changed_at": NOON if high else None, "high": high}
        old.add("runners.Pressure", pool=old["watched"], size=size, **pressure, **changed)


def _vm(old, state, why="", pool="default", **columns):
    """A VM that came as far as that state, with the events of its path."""
    times = dict.fromkeys(("state_at", "next_step_at", "leased_until"), NOON) | {"created_at": NOON - HOUR}
    owner = {"team": old["team"], "pool": old[pool] if pool else None, "wallet": old["wallet of team"]}
    known = {"protection": old[pool].protection if pool else "none", **_facts(old, state), **columns}
    vm = old.add("runners.VM", state=state, why=why, **SIZE, **owner, **times, **known)
    path = PATHS[state] if vm.pk % 10 == 0 else PATHS[state][-2:]
    for was, now in zip(path, path[1:], strict=False):
        moved = why if now in ("removing", "gone", state) else VM_WHY[now][0]
        about = {"team": old["team"], "pool": vm.pool, "vm": vm, "at": NOON - MINUTE}
        old.add("runners.Event", was=was, now=now, why=moved, **about)
    return vm


def _facts(old, state):
    facts = {}
    if state != "wanted":
        facts |= {"node": old["node 14"], "quote": old["quote"], "ordered_at": NOON - HOUR}
    if state not in PATH[:2]:
        made = dict.fromkeys(("sent_at", "deployed_at", "contract_created_at"), NOON - HOUR)
        facts |= {**made, "contract_ids": [1, 2], "addresses": {"mycelium": "4f3:9aa::1"}}
    if state not in PATH[:3]:
        image = {
            "built_at": "2026-05-20T06:00:00Z",
            "engines": [],
            "distribution": "debian",
            "release": "trixie",
        }
        facts |= {"claimed_at": NOON - HOUR, "beat_at": NOON, "agent_digest": digest("key"), "phase": "job"}
        facts |= {
            "image": image,
            "engines": {"gitea": "0.2.13"},
            "tail": "[agent] hello\n",
            "boot_log": "ready\n",
        }
    if state == "gone":
        facts |= {"removed_at": NOON, "contract_ended_at": NOON}
    return facts


def _job(old, state, **columns):
    number = old.next
    names = {
        "repository": "kestrel/wing",
        "name": "test",
        "workflow": "ci.yml",
        "branch": "main",
        "sender": "aiko",
    }
    about = {"forge_job_id": str(number), "run_id": str(number), "labels": ["small"], "label_key": "small"}
    times = {"queued_at": NOON - HOUR, "heard_at": NOON - HOUR, "read_at": NOON, "heard_by": "webhook"}
    whose = {"team": old["team"], "org": old["gitea org"], "pool": old["default"], "size": SMALL}
    about |= {"title": "Fix the wing", "event": "push", "sha": "a" * 40, "described_at": NOON}
    return old.add("runners.Job", state=state, **{**names, **about, **times, **whose, **columns})


def _runner(old, vm, job, /, **columns):
    whose = {"vm": vm, "org": job.org, "asked_for": job, "labels": job.labels, "label_key": job.label_key}
    made = {"forge_runner_id": str(old.next), "registered_at": NOON - HOUR, "bound_at": NOON - HOUR}
    return old.add("runners.Runner", **{**whose, **made, "tried_at": NOON - HOUR, **columns})


def _alive(old):
    """Each state with each thing that it waits for. A job waits for one of each, or runs on it."""
    pools = cycle(name for name in POOLS if name != "closed")
    for state, reasons in VM_WHY.items():
        for why in reasons if state != "gone" else ():
            vm = _vm(old, state, why, next(pools))
            _occupy(old, vm, state)
    for why, retried in zip(NODE_REFUSALS, cycle((None, NOON + MINUTE)), strict=False):
        _vm(old, "wanted", VM_WHY["wanted"][1], refused_why=why, retry_at=retried, failed_nodes=[20, 21])
        _vm(old, "deploying", VM_WHY["deploying"][2], refused_why=why, sent_at=NOON)
    for why in RETIRED:
        reason = "balance_spent" if why == SPENT else ""
        _vm(old, "standby", VM_WHY["standby"][2], retire_why=why, retire_reason=reason)
    vm = _vm(old, "busy", VM_WHY["busy"][0], claim_refused_at=NOON, scope="repository:1:kestrel/wing")
    for number, why in enumerate(VM_TOLD):
        old.add("runners.Event", team=old["team"], pool=vm.pool, vm=vm, why=why, at=old.minutes_ago(number))
    for number in range(3):
        old.add("runners.Load", vm=vm, at=old.minutes_ago(number), load=0.5, oom_kills=0, samples=SAMPLE)
    for claimed in (NOON - MINUTE, None):
        window = {"opened_at": NOON - MINUTE, "closes_at": NOON + MINUTE, "claimed_at": claimed}
        old.add("runners.Refresh", vm=vm, began_at=NOON - 2 * MINUTE, **window)
    for kind, of in (("runner", {"org": old["gitea org"]}), ("machine", {"twin": old["twin"]})):
        old.add("runners.Orphan", kind=kind, name=f"fh-abcdef-{kind}", removed_at=NOON, **of)


def _occupy(old, vm, state):
    """The job and the runner that a VM in this state has."""
    if state in PATH[:4] or state == "refreshing":
        _job(old, "queued", awaits=vm, pool=vm.pool, decided_at=NOON)
    elif state == "assigned":
        job = _job(old, "queued", awaits=vm, pool=vm.pool, decided_at=NOON)
        _runner(old, vm, job, credential=Secret("credential of nothing"))
    elif state == "busy":
        job = _job(old, "in_progress", vm=vm, pool=vm.pool, started_at=NOON - MINUTE)
        _runner(old, vm, job, job=job, taken_at=NOON - MINUTE, handed_at=NOON - HOUR, started_at=NOON - HOUR)


def _gone(old):
    """Each reason for which a VM went, with the job that was on it and what all that cost."""
    conclusions, uses = cycle(CONCLUSIONS), cycle(USES)
    for why in VM_WHY["gone"]:
        wished = {"retire_why": why} if why in RETIRED else {}
        reason = {"retire_reason": "balance_spent"} if why == SPENT else {}
        died = {"died_at": NOON} if why in LOST else {}
        vm = _vm(old, "gone", why, **wished, **reason, **died)
        conclusion = "failure" if why in LOST else next(conclusions)
        times = {"started_at": NOON - HOUR, "completed_at": NOON}
        job = _job(old, "completed", conclusion=conclusion, vm=vm, decided_at=NOON - HOUR, **times)
        _runner(old, vm, job, job=job, taken_at=NOON - HOUR, forgotten_at=NOON)
        use = next(uses)
        about = {"vm_id": vm.pk, "pool_id": vm.pool_id, "pool": vm.pool.name, "repository": job.repository}
        about |= {"job_id": None if use in ("debug", "server") else job.pk, "use": use, "at": NOON - MINUTE}
        move(old, old["wallet of team"], f"vm:{vm.pk}:{use}:{job.pk}:0", "charge", -TFT // 9, **about)


def _held_jobs(old):
    """Those that no VM stands for, for each reason; some that polling found, some of a next attempt."""
    for state, reasons in JOB_WHY.items():
        for number, why in enumerate(reasons):
            served = {} if number % 2 and state != "not_ours" else {"pool": None, "size": ""}
            offered = {"offers": 2, "offer_again_at": NOON + HOUR} if "runner" in why else {}
            _job(old, state, why=why, ours=state != "not_ours", heard_by="poll", **served, **offered)
    for code, params, why in WAITS:
        state = "refused" if code in PERMANENT else "queued"
        _job(old, state, why=why, reason=code, reason_params=params)
    _job(old, "in_progress", started_at=NOON, foreign_runner="laptop of ines")
    lost = _vm(old, "gone", LOST[0], died_at=NOON)
    ending = {"ending_next_at": NOON, "ending_asked_at": NOON - MINUTE, "started_at": NOON - HOUR}
    _job(old, "in_progress", vm=lost, **ending)
    _job(old, "queued", why="just heard of", heard_by="scale set", org=old["github org"], handle="7")
    first = _job(old, "completed", conclusion="rerun", completed_at=NOON)
    numbers = {"forge_job_id": first.forge_job_id, "run_id": first.run_id, "attempt": 2, "forge_attempt": 2}
    _job(old, "queued", why="just heard of", told_at=NOON, **numbers)


def _ended_jobs(old):
    """Reruns, whose job says what came of them."""
    for said in ("", *RERUN):
        vm = _vm(old, "gone", LOST[1], "again", died_at=NOON)
        times = {"started_at": NOON - HOUR, "completed_at": NOON}
        job = _job(old, "completed", conclusion="failure", vm=vm, pool=vm.pool, **times)
        ended = {"ended_at": NOON, "tried_at": NOON, "asked_at": NOON} if said else {}
        old.add("runners.Rerun", job=job, made_at=NOON, next_at=NOON, said=said, **ended)
        if said:
            old.add("runners.Event", team=old["team"], job=job, why=said, at=NOON)


def _engines(old):
    """How engines ended, as agents said, and what they used."""
    used = {
        "mean_cpu": 500,
        "peak_cpu": 990,
        "peak_memory": 7000,
        "peak_disk": 9000,
        "received": 10,
        "sent": 10,
    }
    steps = [{"name": "Run make test", "started_at": NOON.isoformat(), "completed_at": NOON.isoformat()}]
    for cause, sentences in ENGINE_ENDS.items():
        for said in sentences:
            vm = _vm(old, "gone", "its job ended: failure")
            times = {"started_at": NOON - HOUR, "completed_at": NOON, "steps": steps}
            job = _job(old, "completed", conclusion="failure", vm=vm, **times)
            ended = {"done_at": NOON, "done_cause": cause, "done_said": said, "exit_code": 1}
            _runner(old, vm, job, job=job, taken_at=NOON, forgotten_at=NOON, tail="...", **ended, **used)


def _servers(old):
    answers = Secret('{"word": "hello", "reader": "ann", "key": "k", "door": "of nothing"}')
    row = {"team": old["team"], "words": answers, "created_at": NOON - DAY}
    for number, why in enumerate(SERVER_WHY):
        app = "retired" if "catalogue" in why else "pages"
        server = old.add("runners.Server", name=f"server-{number}", app=app, why=why, **SIZE, **row)
        if not why:
            _stints(old, server)
    for name, ends in {
        "closing": {"closing_at": NOON},
        "closed": {"closing_at": NOON, "closed_at": NOON},
    }.items():
        old.add(
            "runners.Server", name=name, app="pages", nodes={"countries": ["Belgium"]}, **SIZE, **row, **ends
        )


def _stints(old, server):
    """Its VMs so far, and the runs of its program."""
    for state, reasons in SERVING_WHY.items():
        for why in reasons:
            vm = _vm(old, state, why, None, server=server)
            old.add("runners.Stint", vm=vm, begun_at=NOON, started_at=NOON, answered_at=NOON)
    for cause in ("engine_failed", "agent_killed"):
        ended = {"done_at": NOON, "done_cause": cause, "done_said": ENGINE_ENDS[cause][0], "exit_code": 1}
        vm = _vm(old, "gone", ENGINE_ENDS[cause][0], None, server=server)
        old.add("runners.Stint", vm=vm, begun_at=NOON, **ended)


def _debug(old):
    """Open, over, kept, and refused for each reason."""
    person = {"user": old["ines"], "who": PERSON, "keys": ["ssh-ed25519 AAAA"], "opened_at": NOON}
    open_, over = {}, {"closed_at": NOON}
    for state, columns in (("busy", open_), ("kept", {"kept_at": NOON}), ("gone", over)):
        vm = _vm(old, state, VM_WHY[state][0])
        row = {"closes_at": NOON + HOUR, "host_key": "ssh-ed25519 AAAA", **person, **columns}
        old.add("runners.DebugAccess", vm=vm, **row)
    for why in DEBUG_REFUSED:
        row = {"closes_at": NOON + HOUR, "closed_at": NOON, "refused_why": why, **person}
        old.add("runners.DebugAccess", vm=vm, **row)
