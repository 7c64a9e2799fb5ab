"""The audit log in words: what somebody did, and what it changed."""

from collections.abc import Mapping
from typing import cast

from django.utils.translation import gettext, gettext_noop

from tfci.accounts.audit_actions import TEXTS, Action
from tfci.accounts.models import AuditEntry

# What the log is filtered by: a noun, and the verbs that it begins.
NOUNS = {
    "team": gettext_noop("The team"),
    "members": gettext_noop("Members"),
    "tokens": gettext_noop("API tokens"),
    "connections": gettext_noop("Connections"),
    "pools": gettext_noop("Pools"),
    "servers": gettext_noop("Servers"),
    "nodes": gettext_noop("Nodes"),
    "vms": "VMs",
    "jobs": gettext_noop("Jobs"),
    "funds": "TFT",
    "limits": gettext_noop("Spending limits"),
    "operator": gettext_noop("The operator"),
}


def verbs(noun: str) -> list[str]:
    return sorted({text.verb for text in TEXTS.values() if text.verb.partition(".")[0] == noun})


def sentence(entry: AuditEntry) -> str:
    """What was done, as the rest of a sentence that begins with the actor. An action of a later version has none."""
    known = TEXTS.get(cast(Action, entry.action))
    return (
        gettext(known.sentence).replace("{on}", entry.on)
        if known
        else f"{entry.action or entry.what} {entry.on}"
    )


def changes(entry: AuditEntry) -> list[tuple[str, str | None, str | None]]:
    """What became different: (what, before, after) as texts; None for a side that the action did not have."""
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
        return gettext("none")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {text(one)}" for name, one in value.items())
    return str(value)
