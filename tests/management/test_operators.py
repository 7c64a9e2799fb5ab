"""The commands for who runs this installation."""

import io

import pytest
from django.core.management import CommandError, call_command

from billing.models import Twin
from tests.builders import a_user
from tests.practice.grid import harness
from tfci.accounts.models import AuditEntry
from tfci.core.tft import UNIT
from tfci.grid.reasons import AccountUnknown

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    grid = harness.Grid(tmp_path_factory.mktemp("grid") / "grid")
    yield grid
    grid.close()


@pytest.fixture
def add(grid, settings, monkeypatch):
    """add(words) -> what the command says."""
    settings.GRID_URL = grid.url

    def run(words):
        monkeypatch.setattr("sys.stdin", io.StringIO(words))
        said = io.StringIO()
        call_command("add_account", "42", stdout=said)
        return said.getvalue()

    return run


def test_an_account_is_added_by_its_words_from_standard_input(add, grid):
    words = grid.control("/accounts", amount=7 * UNIT)["mnemonic"]
    assert add(f"{words}\n") == "Account 42 is active. Its balance is 7.0000000 TFT.\n"
    assert Twin.objects.get(twin_id=42).mnemonic.reveal() == words
    assert AuditEntry.objects.get().who == "the server's console"


@pytest.mark.parametrize("words, sentence", [("", "No mnemonic"), ("nobodys words\n", str(AccountUnknown()))])
def test_an_account_that_does_not_do_is_not_kept(add, words, sentence):
    with pytest.raises(CommandError, match=sentence):
        add(words)
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
    with pytest.raises(CommandError, match="No user has signed up"):
        call_command("add_operator", "nobody@example.org")
