"""Forges and the grid: connections of every kind and level, in every state of health, and nodes with their pasts."""

import json
from itertools import cycle

from tests.upgrade.installation import DAY, HOUR, MINUTE, NOON
from tests.upgrade.key import AUTHORITY
from tests.upgrade.sentences.outside import CONNECTION, GITHUB_APP, NODE_REFUSALS, SCALE_SET, TALLY
from tfci.core.secret import Secret

URLS = {
    "gitea": "https://git.kestrel.example",
    "forgejo": "https://codeberg.kestrel.example",
    "github": "https://github.com",
    "woodpecker": "https://ci.kestrel.example",
}
LEVELS = {
    "gitea": ("org", "user", "repo", "instance"),
    "forgejo": ("org", "user", "repo"),
    "github": ("org", "repo"),
    "woodpecker": ("org", "instance"),
}
NAMES = {"org": "kestrel", "user": "ines", "repo": "oss/feathers", "instance": "its own"}
STATES = {
    "new": {},
    "limited": {"polled_at": NOON, "limited_until": NOON + HOUR},
    "silent": {"polled_at": NOON - HOUR, "silent_since": NOON - HOUR, "retry_at": NOON + MINUTE},
    "late": {"polled_at": NOON - DAY, "stirred_at": NOON - DAY},
    "by poll": {"way": "poll", "polled_at": NOON},
    "token ends": {"token_ends_at": NOON + 3 * DAY, "told_of_end_at": NOON, "polled_at": NOON},
    "unlinking": {"unlinking_at": NOON, "polled_at": NOON},
    "unlinked": {"unlinking_at": NOON - DAY, "unlinked_at": NOON - HOUR},
    "own authority": {"authority": AUTHORITY},
}
FINDINGS = [["Token", "of kestrel-ci", ""], ["Runners", "refused", "The token lacks the scope."]]


def fill(old):
    _nodes(old)
    _apps(old)
    _well(old)
    for name, columns in STATES.items():
        _connection(old, "gitea", "org", name, **columns)
    forges = cycle(URLS)
    for number, trouble in enumerate(CONNECTION, start=1):
        _connection(
            old, next(forges), "org", f"troubled-{number}", trouble=trouble, findings=FINDINGS, polled_at=NOON
        )
    _scale_sets(old)
    _deliveries(old)


def _connection(old, forge, level, name, **columns):
    known = {"version": "1.25.4", "login": "kestrel-ci", "linked_at": NOON - 30 * DAY, "poll_at": NOON}
    keys = {"token": Secret("token of nothing"), "hook_secret": Secret("secret of nothing")}
    place = {"forge": forge, "level": level, "url": URLS[forge], "name": name}
    known |= {"address": f"{old.next:032}", "checked_at": NOON}
    return old.add("forges.LinkedOrg", team=old["team"], **place, **{**known, **keys, **columns})


def _well(old):
    """One of each kind and level; the first is the one that jobs and pools are of."""
    post = {"signpost_id": "7", "signpost_credential": Secret("credential of nothing"), "signpost_at": NOON}
    heard = {"polled_at": NOON, "heard_at": NOON, "swept_at": NOON, "hook_id": "7", "may_write": True}
    for forge, levels in LEVELS.items():
        for level in levels:
            columns = {"findings": FINDINGS[:1], "signpost_labels": ["small"], **heard, **post}
            old.made[f"{forge} {level}"] = _connection(old, forge, level, NAMES[level], **columns)
    org = old["github org"]
    org.installation, org.token, org.runner_group = old["installation"], Secret(""), "Farmhand"
    org.runner_url = "https://runners.github.example"
    org.save()


def _apps(old):
    """An App by reach, well and ill; installations that are used, suspended and gone."""
    secrets = {name: Secret(f"{name} of nothing") for name in ("client_secret", "webhook_secret", "pem")}
    for reach, trouble, url in [
        ("org", "", URLS["github"]),
        ("repo", GITHUB_APP[0], URLS["github"]),
        ("org", GITHUB_APP[1], "https://github.kestrel.example"),
    ]:
        names = {"slug": "farmhand", "name": "farmhand", "client_id": "of nothing", "app_id": old.next}
        row = {"url": url, "reach": reach, "trouble": trouble, "made_at": NOON, "address": f"{old.next:032}"}
        app = old.name(f"app {reach} {url}", "forges.GitHubApp", **names, **row, **secrets)
    app = old[f"app org {URLS['github']}"]
    token = {"token": Secret("token of nothing"), "token_ends_at": NOON + HOUR, "minted_at": NOON}
    for name, columns in {
        "installation": token,
        "suspended": {"suspended_at": NOON},
        "uninstalled": {"gone_at": NOON},
    }.items():
        seen = {"account": "kestrel", "account_type": "Organization", "permissions": {"actions": "write"}}
        row = {"installation_id": old.next, "due_at": NOON, "read_at": NOON, **seen, **columns}
        old.name(name, "forges.Installation", app=app, **row)


def _scale_sets(old):
    session = {
        "session_id": "s-1",
        "queue": "https://queue.github.example",
        "queue_token": Secret("of nothing"),
    }
    known = {"set_id": "7", "access_url": URLS["github"], "access_token": Secret("of nothing")}
    known |= {"access_ends_at": NOON + HOUR, "answered_at": NOON, "heard_at": NOON, "last_message": 12}
    rows = [{**known, **session, "assigned": 2}, {**known, "wanted": False}, {}]
    for columns in [*rows, *({"trouble": trouble} for trouble in SCALE_SET)]:
        due = {"due_at": NOON, "leased_until": NOON, "label": f"size-{old.next}"}
        old.add("forges.ScaleSet", org=old["github org"], **due, **columns)


def _deliveries(old):
    """Taken in, and still to be: what told of a job, and of nothing but that something was done."""
    job = {"job_id": "900", "run_id": "90", "repository": "kestrel/wing", "name": "lint", "labels": ["small"]}
    told = [
        None,
        {"event": "workflow_job", "jobs": [{**job, "status": "queued"}]},
        {"event": "push", "stirred": True},
    ]
    for number, heard in enumerate(told):
        text = json.dumps(heard).encode() if heard else None
        row = {"delivery_id": f"d-{number}", "event": "workflow_job", "received_at": NOON, "told": text}
        old.add("forges.Delivery", org=old["gitea org"], **row)
    for kind, said in TALLY.items():
        row = {"kind": kind, "day": NOON.date(), "count": 3, "at": NOON, "said": said}
        old.add("forges.Tally", org=old["gitea org"], **row)


def _nodes(old):
    """Node 14 is where VMs run; each other has a past or a present of its own."""
    farm = {"network": "simulated", "certified": True}
    old.name("farm", "grid.Farm", farm_id=1, name="Freefarm", **farm)
    past = {"failures": 3, "failures_in_a_row": 2, "last_failure_at": NOON, "blocked_until": NOON + HOUR}
    nodes = {
        14: {"deploys": 9, "deploy_ms": [4000, 5000], "boot_ms": [9000], "steal": 120, "steal_at": NOON},
        **{20 + n: {**past, "last_failure_why": why} for n, why in enumerate(NODE_REFUSALS)},
        40: {"up": False},
        41: {"healthy": False},
        42: {"left_at": NOON, "up": False},
        43: {"opted_out_at": NOON},
        44: {"rented": True, "rentable": True},
        45: {"dedicated": True, "certified": True, "price_usd": 120.5},
        46: {"standby": True, "num_gpu": 1, "gateway": True, "ipv6": True, "features": ["zmachine"]},
    }
    for number, columns in nodes.items():
        old.name(f"node {number}", "grid.Node", node_id=number, farm=old["farm"], **_hardware(columns))
    changes = {"up": {}, "down": {}, "left": {}, "price": {"was": 100.5, "now": 120.5}}
    for kind, columns in changes.items():
        old.add("grid.NodeChange", node=old["node 45"], kind=kind, at=NOON, **columns)
    drained = {"team": old["team"], "began_at": NOON, "by": "ines@kestrel.example"}
    old.add("grid.Drain", node=old["node 20"], **drained)
    for name, query in {"Europe": "region=Europe", "large": "fits=true&size=large"}.items():
        old.add("grid.NodeSelection", team=old["team"], name=name, query=query)


def _hardware(columns):
    parts = {"cru": 32, "mru": 131072, "sru": 2000}
    sizes = {f"{which}_{part}": size for part, size in parts.items() for which in ("total", "free")}
    place = {
        "network": "simulated",
        "country": "Belgium",
        "region": "Europe",
        "city": "Ghent",
        "seen_at": NOON,
    }
    used = {f"used_{part}": 0 for part in parts}
    state = {"up": True, "healthy": True, "certified": False, "dedicated": False}
    return {**sizes, **used, **place, **state, **columns}
