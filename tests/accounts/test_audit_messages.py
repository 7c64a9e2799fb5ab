"""The audit log in words."""

import pytest

from tfci.accounts import access, audit_messages
from tfci.accounts.audit_actions import TEXTS, Action
from tfci.accounts.models import AuditEntry


@pytest.mark.parametrize("action", Action)
def test_each_action_has_a_sentence_and_a_right(action):
    entry = AuditEntry(action=action, on="{it}")
    assert TEXTS[action].sentence.replace("{on}", "{it}") == audit_messages.sentence(entry)
    assert len(action) <= 40 and "." in TEXTS[action].verb


def test_an_action_of_a_later_version_is_shown_as_its_code():
    assert audit_messages.sentence(AuditEntry(what="pools.change", action="pool_painted", on="heavy")) == (
        "pool_painted heavy"
    )
    assert audit_messages.sentence(AuditEntry(what="something.old", on="heavy")) == "something.old heavy"


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
    assert audit_messages.changes(AuditEntry(before=before, after=after)) == changes


def test_every_change_that_people_may_make_has_words_and_a_place_in_the_filter():
    changing = {verb for verb in access.MAY if not verb.endswith(".read")}
    verbs = {text.verb for text in TEXTS.values()}
    assert changing <= verbs
    assert {verb.partition(".")[0] for verb in verbs} == set(audit_messages.NOUNS)
