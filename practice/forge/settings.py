"""What can be changed while the forge runs: its behavior, and injected faults."""

import json
import re
from collections.abc import Mapping
from typing import Any

from practice.forge.faults import Fault
from practice.forge.store import Store

BEHAVIOUR: dict[str, Any] = {
    "version": "1.26.0",  # the first whose API can rerun a job
    "zombie_timeout": 600.0,  # seconds without a call of the runner until its job fails
    "online_timeout": 60.0,  # seconds after a runner's last call until it is shown offline
    "concurrency": True,  # groups hold jobs back (Gitea from 1.26); False: they are ignored (1.25)
}
FAULTS: dict[str, Any] = {
    "seed": 0,
    "queued_delay": 0.3,  # seconds until `queued` and `requested` are delivered; Gitea 1.25: about 2
    "drop": 0.0,  # share of deliveries that are never sent
    "double": 0.0,  # share that is sent twice, with the same delivery id
    "delay": 0.0,  # share that comes late, by a time out of delay_range, overtaken by others
    "delay_range": [1.0, 5.0],
    "reorder": 0.0,  # share that changes places with those right behind it
    "error_rate": 0.0,  # share of API and runner calls that are answered 500, and not carried out
    "lost_answer_rate": 0.0,  # share that is carried out, and then the connection is closed unanswered
    "slow": 0.0,  # seconds that each API and runner call takes longer
    "down_until": 0.0,  # until then (seconds since 1970) each connection is closed, no webhook is sent
    "withhold": [],  # jobs with one of these labels stay queued, and no runner gets them
}


def read(store: Store, group: Mapping[str, Any]) -> dict[str, Any]:
    """The whole group, with what was changed."""
    changed = {row["name"]: json.loads(row["value"]) for row in store.all("SELECT * FROM setting")}
    return {name: changed.get(name, default) for name, default in group.items()}


def value(store: Store, name: str) -> Any:
    text = store.value("SELECT value FROM setting WHERE name = ?", name)
    return json.loads(text) if text is not None else (BEHAVIOUR | FAULTS)[name]


def at_least(store: Store, *version: int) -> bool:
    """Whether it simulates that version of Gitea or a newer one; an unreadable version counts as old."""
    found = re.match(r"v?(\d+)\.(\d+)", value(store, "version"))
    return found is not None and tuple(map(int, found.groups())) >= version


def counts_pickups(store: Store) -> bool:
    """Whether a job keeps its id when it runs again, and its attempt is how often a runner took it: until 1.27, and in
    a Forgejo, whose version names the Gitea that it left (16.0.0+gitea-1.22.0)."""
    return "+gitea-" in value(store, "version") or not at_least(store, 1, 27)


def change(store: Store, group: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    for name, new in changes.items():
        if name not in group:
            raise Fault(422, f"there is no setting {name}; there are {', '.join(group)}")
        if not _fits(new, group[name]):
            raise Fault(422, f"{name} must look like {json.dumps(group[name])}")
        sql = "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        store.run(sql, name, json.dumps(new))


def reset(store: Store, group: Mapping[str, Any]) -> None:
    for name in group:
        store.run("DELETE FROM setting WHERE name = ?", name)


def _fits(new: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(new, bool):
        return type(new) is type(default)
    if isinstance(default, (int, float)):
        return isinstance(new, (int, float)) and new >= 0
    if isinstance(default, list) and default:
        return isinstance(new, list) and len(new) == len(default) and all(map(_fits, new, default))
    if isinstance(default, list):
        return isinstance(new, list) and all(isinstance(item, str) for item in new)
    return isinstance(new, type(default))
