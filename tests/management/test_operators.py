"""The commands for who runs this installation."""

import io

import pytest
from django.core.management import CommandError, call_command

from billing.models import Twin
from tests.builders import a_user
from tfci.accounts.models import AuditEntry
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.ports import Unavailable

pytestmark = pytest.mark.django_db


class Chain:
    def __init__(self, words):
        self.words = words

    def balance(self):
        if self.words.reveal() == "nobody's":
            raise Unavailable("The chain does not answer.")
        return Tft.parse("7")


def run(monkeypatch, words, *arguments):
    monkeypatch.setattr(registry, "account", Chain)
    monkeypatch.setattr("sys.stdin", io.StringIO(words))
    said = io.StringIO()
    call_command("add_account", *arguments, stdout=said)
    return said.getvalue()


def test_an_account_is_added_by_its_words_from_standard_input(monkeypatch):
    said = run(monkeypatch, "some words\n", "42")
    assert said == "Account 42 signs from now on. It holds 7.0000000 TFT.\n"
    assert Twin.objects.get(twin_id=42).mnemonic.reveal() == "some words"
    assert AuditEntry.objects.get().who == "the server's console"


@pytest.mark.parametrize("words, sentence", [("", "No words came"), ("nobody's\n", "does not answer")])
def test_an_account_that_does_not_do_is_not_kept(monkeypatch, words, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(monkeypatch, words, "42")
    assert not Twin.objects.exists()


def test_an_operator_is_made_and_unmade():
    user = a_user("ann@example.org")
    for arguments, staff in (["Ann@example.org"], True), (["ann@example.org", "--remove"], False):
        call_command("add_operator", *arguments, stdout=io.StringIO())
        user.refresh_from_db()
        assert user.is_staff == staff
    assert [entry.after for entry in AuditEntry.objects.order_by("pk")] == [
        {"operator": True},
        {"operator": False},
    ]


def test_nobody_can_not_be_an_operator():
    with pytest.raises(CommandError, match="Nobody has signed up"):
        call_command("add_operator", "nobody@example.org")
