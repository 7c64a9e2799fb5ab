"""The audit log in words."""

import pytest

from tfci.accounts import access, audit_messages
from tfci.accounts.models import AuditEntry


def an_entry(what, on="it", before=None, after=None, why=""):
    return AuditEntry(what=what, on=on, before=before, after=after, why=why)


@pytest.mark.parametrize(
    "entry, sentence",
    [
        (an_entry("team.close", "Kestrel", why="kept after all"), "kept the team Kestrel after all"),
        (an_entry("members.change", "ben", {"role": "viewer"}, {"role": "admin"}), "changed the role of ben"),
        (an_entry("members.change", "ben", {"role": "viewer"}), "removed ben"),
        (an_entry("members.change", "ben", {"role": "viewer"}, why="left"), "left the team"),
        (an_entry("pools.change", "heavy", None, {"max_vms": 4}), "made the pool heavy"),
        (an_entry("pools.change", "heavy", None, {"order": "b, a"}), "moved the pool heavy in the order"),
        (an_entry("pools.change", "heavy", {"max_vms": 4}, why="deleted"), "deleted the pool heavy"),
        (an_entry("connections.change", "acme", None, {"way": "poll"}), "linked acme"),
        (an_entry("connections.change", "acme", why="disconnected"), "unlinked acme"),
        (an_entry("something.new", "acme"), "something.new acme"),
    ],
)
def test_a_deed_in_words(entry, sentence):
    assert audit_messages.sentence(entry) == sentence


def test_a_reason_is_told_once():
    assert audit_messages.reason(an_entry("pools.change", why="deleted")) == ""
    assert audit_messages.reason(an_entry("vms.retire", why="rush")) == "rush"


@pytest.mark.parametrize(
    "before, after, changes",
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [("b", "2", "3")]),
        ({"sizes": []}, {"sizes": ["small", "large"]}, [("sizes", "none", "small, large")]),
        (None, {"min_vms": {"small": 2}, "anchors": []}, [("min vms", None, "small 2")]),
        ({"role": "viewer"}, None, [("role", "viewer", None)]),
        ({"on": False}, {"on": True}, [("on", "no", "yes")]),
        (None, None, []),
    ],
)
def test_what_a_deed_changed(before, after, changes):
    assert audit_messages.changes(an_entry("pools.change", before=before, after=after)) == changes


def test_every_change_that_people_may_make_has_words_and_a_place_in_the_filter():
    changing = {verb for verb in access.MAY if not verb.endswith(".read")}
    assert changing <= set(audit_messages.SAID)
    assert {verb.partition(".")[0] for verb in audit_messages.SAID} == set(audit_messages.NOUNS)
