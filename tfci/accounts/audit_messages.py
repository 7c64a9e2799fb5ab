"""The audit log in words: what somebody did, and what it changed."""

from collections.abc import Mapping

from tfci.accounts.models import AuditEntry

# verb -> the kind of deed -> the sentence's rest after who did it. "" is the plain kind.
SAID = {
    "team.found": {"": "founded the team {on}"},
    "team.change": {"": "changed the team {on}"},
    "team.close": {
        "": "began to delete the team {on}",
        "kept after all": "kept the team {on} after all",
        "nothing is left of it": "deleted the team {on}",
    },
    "members.invite": {
        "made": "made an {on}",
        "sent again": "renewed the {on}",
        "revoked": "revoked the {on}",
    },
    "members.join": {"made": "joined the team"},
    "members.change": {"": "changed the role of {on}", "left": "left the team", "ended": "removed {on}"},
    "tokens.make": {"made": "made the {on}"},
    "tokens.revoke": {"": "revoked the {on}"},
    "connections.change": {
        "made": "linked {on}",
        "": "changed the link of {on}",
        "new token": "gave the link of {on} a new token",
        "disconnected": "unlinked {on}",
        "its App was uninstalled": "ended the link of {on}, for its App was uninstalled there",
        "test job": "sent a test job to {on}",
        "workflows moved": "opened a pull request that moves workflows of {on}",
    },
    "pools.change": {
        "made": "made the pool {on}",
        "": "changed the pool {on}",
        "moved": "moved the pool {on} in the order",
        "deleted": "deleted the pool {on}",
    },
    "nodes.keep": {
        "made": "kept the search for nodes {on}",
        "": "changed the search for nodes {on}",
        "ended": "forgot the search for nodes {on}",
    },
    "nodes.drain": {"made": "began to drain {on}", "ended": "lets machines start on {on} again"},
    "servers.change": {"made": "deployed the server {on}", "deleted": "deleted the server {on}"},
    "servers.reveal": {"": "looked at the secrets of the server {on}"},
    "vms.retire": {"": "retired the machine {on}"},
    "vms.debug": {"made": "opened debug access to {on}", "ended": "closed debug access to {on}"},
    "jobs.rerun": {
        "": "had {on} run again",
        "its machine failed": "had {on} run again, for its machine had failed",
    },
    "jobs.cancel": {"": "cancelled {on}"},
    "funds.ask": {"": "asked the operator for TFT"},
    "operator.credit": {"made": "put TFT on the wallet of {on}"},
    "operator.decline": {"": "declined the request for TFT of {on}"},
    "operator.limits": {"": "changed the limits of {on}"},
    "operator.people": {"made": "changed whether {on} is an operator"},
    "operator.app": {"made": "made the GitHub App {on}"},
    "operator.account": {"made": "added the chain {on}"},
}

# What the log is filtered by: a noun, and the verbs that it begins.
NOUNS = {
    "team": "The team",
    "members": "People",
    "tokens": "API tokens",
    "connections": "Connections",
    "pools": "Pools",
    "servers": "Servers",
    "nodes": "Nodes",
    "vms": "Machines",
    "jobs": "Jobs",
    "funds": "TFT",
    "operator": "The operator",
}


def verbs(noun: str) -> list[str]:
    return [verb for verb in SAID if verb.partition(".")[0] == noun]


def sentence(entry: AuditEntry) -> str:
    """What was done, as the rest of a sentence that begins with who did it."""
    ways = SAID.get(entry.what, {})
    way = ways.get(kind(entry)) or ways.get("") or f"{entry.what} {{on}}"
    return way.replace("{on}", entry.on)


def kind(entry: AuditEntry) -> str:
    """Its reason where that says what it was, else what became of the thing."""
    if entry.why and entry.why in SAID.get(entry.what, {}):
        return entry.why
    if "order" in (entry.after or {}):
        return "moved"
    if entry.before is None and entry.after is not None:
        return "made"
    return "ended" if entry.before and entry.after is None else ""


def reason(entry: AuditEntry) -> str:
    """Its reason, unless the sentence says it already."""
    return "" if entry.why == kind(entry) else entry.why


def changes(entry: AuditEntry) -> list[tuple[str, str | None, str | None]]:
    """What became different: (what, before, after) as texts; None for a side that the deed did not have."""
    before, after = entry.before or {}, entry.after or {}
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        (name.replace("_", " "), side(before, name), side(after, name))
        for name in names
        if (before and after) or (before | after)[name] not in (None, "", [], {})
    ]


def side(facts: Mapping[str, object], name: str) -> str | None:
    return text(facts[name]) if name in facts else None


def text(value: object) -> str:
    """A value of a form as people write it."""
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {text(one)}" for name, one in value.items())
    return str(value)
