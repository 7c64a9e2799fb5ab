"""An installation of before is upgraded by `migrate`, and nothing of it is lost.

dump.sql.gz is of commit bf7f638, 2026-11-30, the last before reasons became codes. make_dump.py made it, with rows of
every model in every state; its encrypted columns are sealed with the key in key.py. It loads into any PostgreSQL from
15 on.

A migration that makes a code of a sentence says so in REASONS and in sentences/codes.json. One that renames or splits a
table says so in TABLES.
"""

import gzip
import json
import os
import re
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client, override_settings
from django.utils import timezone

from billing import ledger, verification
from billing.models import AccountBalance, LedgerEntry, SpendingLimit, Spent, Twin, Wallet, Withdrawal
from runners.models import VM, DebugAccess, Event, Job, Pool, Rerun, Run, Runner, Server
from runners.vms import last_failure
from tests.builders import NOON
from tests.rights import API, PEOPLE
from tests.rights_rows import rows
from tests.runners.web.api.scripts import Script
from tests.upgrade.key import KEY
from tests.upgrade.make_dump import DUMP
from tfci.accounts import audit_actions
from tfci.accounts.models import AuditEntry, Membership, Team, User
from tfci.core.vault import SealedField
from tfci.forges.models import Connection, GitHubApp, ScaleSet, Tally
from tfci.grid.models import Node

pytestmark = pytest.mark.xdist_group("upgrade")  # loaded once

TABLES = {
    "forges_linkedorg": "forges_connection",
    "runners_stint": "runners_run",
    "runners_pool_orgs": "runners_pool_connections",
}  # an old table -> the one that has its rows now
REASONS = {  # a column of the dump with sentences -> today's model, and the reasons of a row of it
    "runners_vm.why": (VM, lambda vm: [vm.typed_reason]),
    "runners_vm.retire_why": (VM, lambda vm: [vm.typed_retire_reason]),
    "runners_vm.refused_why": (VM, lambda vm: [vm.typed_refusal]),
    "runners_job.why": (Job, lambda job: [job.typed_reason]),
    "runners_event.why": (Event, lambda event: [event.typed_reason]),
    "runners_pool.decision": (Pool, lambda pool: [pool.typed_reason]),
    "runners_rerun.said": (Rerun, lambda rerun: [rerun.typed_reason]),
    "runners_server.why": (Server, lambda server: [server.typed_reason]),
    "runners_debugaccess.refused_why": (DebugAccess, lambda access: [access.typed_refusal]),
    "forges_linkedorg.trouble": (Connection, lambda row: row.typed_problems),
    "forges_scaleset.trouble": (ScaleSet, lambda row: [row.typed_problem]),
    "forges_githubapp.trouble": (GitHubApp, lambda app: [app.typed_problem]),
    "grid_node.last_failure_why": (Node, lambda node: [last_failure.reason(node)]),
    "billing_twin.trouble": (Twin, lambda twin: [twin.typed_problem]),
}
TEXTS = {  # a column of the dump whose sentences are what others wrote -> today's model, and its text
    "runners_runner.done_said": (Runner, lambda runner: runner.done_said),
    "runners_stint.done_said": (Run, lambda run: run.end_message),
    "forges_tally.said": (Tally, lambda tally: tally.said),
}
CODES = json.loads((Path(__file__).parent / "sentences/codes.json").read_text())
NEWER = {LedgerEntry.Kind.SWEEP, LedgerEntry.Kind.WITHDRAWAL}  # than the dump
PLACES = re.compile(r"(/t/TEAM/|/api/v1/)([a-z]+/?)?([A-Z]+/?)?")  # lists, and the pages about one row
SHOWN = {  # a row of each kind, as far as its page differs
    "JOB": (Job.objects, ("state", "conclusion", "reason")),
    "VM": (VM.objects, ("state",)),
    "POOL": (Pool.objects, ("pk",)),
    "CONNECTION": (Connection.objects.filter(disconnected_at=None), ("pk",)),
    "SERVER": (Server.objects, ("pk",)),
    "LIMIT": (SpendingLimit.objects, ("pk",)),
    "WITHDRAWAL": (Withdrawal.objects, ("pk",)),
}
BOOKKEEPING = ("django_migrations", "django_content_type", "auth_permission")  # of Django, which grow


@dataclass(frozen=True)
class Before:
    """What the dump had: rows by table, sums by wallet and by team, texts by column and row."""

    counts: dict
    sums: dict
    spent: dict
    balances: dict
    texts: dict


@pytest.fixture(scope="module")
def before(django_db_blocker):
    """The dump, loaded into a database of its own and migrated, as the database of all tests of this module."""
    with django_db_blocker.unblock(), _database(f"upgraded_{os.getpid()}"), override_settings(KEYS=[KEY]):
        cache.clear()
        found = Before(_counts(), *map(dict, _money()), _texts())
        call_command("migrate", verbosity=0)
        yield found
        cache.clear()


@contextmanager
def _database(name):
    """Another database on the tests' own server, with the dump in it."""
    home = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    server = connection.get_connection_params() | {"dbname": name}
    with psycopg.connect(**{key: server[key] for key in ("host", "user", "dbname")}) as database:
        database.execute(gzip.decompress(DUMP.read_bytes()))
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def _query(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _counts():
    tables = set(connection.introspection.table_names()) - {*BOOKKEEPING, "runners_hint"}
    return {table: _query(f"SELECT count(*) FROM {table}")[0][0] for table in tables}


def _money():
    yield _query("SELECT wallet_id, sum(amount) FROM billing_ledgerentry GROUP BY 1")
    yield _query("SELECT team_id, sum(amount) FROM billing_spent GROUP BY 1")
    yield _query("SELECT id, balance FROM billing_wallet")


def _texts():
    columns = (place.split(".") for place in (*REASONS, *TEXTS))
    return {
        f"{table}.{column}": dict(_query(f"SELECT id, {column} FROM {table}")) for table, column in columns
    }


def test_the_dump_has_rows_in_every_table_that_is_ours(before):
    """Those of sessions and of what only sign-in knows may be empty."""
    ours = tuple(f"{app}_" for app in ("accounts", "billing", "forges", "grid", "runners"))
    assert [table for table, count in before.counts.items() if table.startswith(ours) and not count] == []


def test_no_row_is_lost(before):
    now = _counts()
    assert {table: now[TABLES.get(table, table)] for table in before.counts} == before.counts


def test_balances_are_what_they_were(before):
    assert {wallet.pk: ledger.balance(wallet.pk) for wallet in Wallet.objects.all()} == before.balances


def test_ledgers_add_up_to_what_they_did(before):
    entries = defaultdict(int)
    for entry in LedgerEntry.objects.all():
        entries[entry.wallet_id] += entry.amount
    assert entries == before.sums == before.balances
    assert dict(Spent.objects.order_by().values_list("team").annotate(Sum("amount"))) == before.spent


def test_each_entry_has_its_accounts_and_they_hold_what_balances_are(before):
    """docs/decisions/ledger-accounts.md: a grant is spent first, so it is left alone where more than it was spent."""
    assert verification.run(verification.CHECKS, NOON).count == 0
    for wallet in Wallet.objects.all():
        held = dict(AccountBalance.objects.filter(team=wallet.team_id).values_list("account", "amount"))
        granted, charged = -held["operator:grants"], held.get("operator:income", 0)
        assert held.get(f"grant:{wallet.team_id}", 0) == max(0, granted - charged)
        assert sum(held.values()) == 0


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_no_row_has_a_state_that_nobody_knows(model, before):
    for field in model._meta.concrete_fields:
        if field.choices:
            known = {value for value, _ in field.flatchoices} | ({""} if field.blank else set())
            assert set(model.objects.values_list(field.name, flat=True).distinct()) <= known | {None}, field


@pytest.mark.parametrize(
    ("model", "field"), [(VM, "state"), (Job, "state"), (LedgerEntry, "use"), (LedgerEntry, "kind")]
)
def test_each_state_is_there(model, field, before):
    states = {value for value, _ in model._meta.get_field(field).flatchoices}
    assert states - NEWER <= set(model.objects.values_list(field, flat=True))


@pytest.mark.parametrize("column", REASONS)
def test_each_sentence_is_a_code_now(column, before):
    """codes.json was written when the codes' sentences were still the dump's: they were compared then."""
    model, reasons = REASONS[column]
    assert any(before.texts[column].values())
    for row in model.objects.all():
        found = json.loads(json.dumps([[reason.code, reason.params] for reason in reasons(row) if reason]))
        text = before.texts[column][row.pk]
        assert found == (CODES[column][text] if text else []), text


@pytest.mark.parametrize("column", TEXTS)
def test_what_others_wrote_can_still_be_read(column, before):
    model, reading = TEXTS[column]
    assert any(before.texts[column].values())
    assert {row.pk: reading(row) for row in model.objects.all()} == before.texts[column]


def test_each_entry_of_the_audit_log_has_a_code_and_a_sentence(before):
    found = {entry.pk: [entry.action, entry.on, entry.note] for entry in AuditEntry.objects.all()}
    assert found == {int(pk): entry for pk, entry in CODES["accounts_auditentry"].items()}
    assert all(action in audit_actions.TEXTS for action, *_ in found.values())


def test_what_checks_found_says_what_it_said(before):
    rows = Connection.objects.exclude(problems=[])
    assert {tuple(str(one.reason) for one in row.typed_findings) for row in rows} == {
        ("Token: of kestrel-ci", "Runners: The token lacks the scope.")
    }
    assert {one.subject for row in rows for one in row.typed_findings} == {"token", "runners"}


def test_what_is_sealed_can_be_opened(before):
    sealed = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedField)
    ]
    opened = {
        value.reveal()
        for model, name in sealed
        for value in model.objects.values_list(name, flat=True)
        if value
    }
    assert "token of nothing" in opened


def _shown(table, who):
    """The addresses that this person or token may look at."""
    return [row.address for row in rows(table) if row.method == "GET" and row.answers[who] == "200"]


def _places(table, who):
    """Those of lists, and of pages about one row."""
    found = [address for address in _shown(table, who) if PLACES.fullmatch(address)]
    return [address for address in found if "NODE" not in address]


def _fill(address, team):
    """That address for the rows of the team that it may be about."""
    address = address.replace("TEAM", team.slug).replace("MONTH", f"{timezone.now():%Y-%m}")
    word = next((word for word in SHOWN if word in address), None)
    if word is None:
        return [address]
    found, kinds = SHOWN[word]
    rows = found.filter(team=team).order_by(*kinds).distinct(*kinds)
    return [address.replace(word, str(row.pk)) for row in rows]


@pytest.mark.parametrize("place", _places(PEOPLE, "owner"))
def test_its_people_see_each_page(place, before):
    for owner in Membership.objects.filter(role="owner", team__closed_at=None).select_related("team", "user"):
        client = Client()
        client.force_login(owner.user)
        for address in _fill(place, owner.team):
            answer = client.get(address, follow=True)  # a new team is led on to its first steps
            assert answer.status_code == 200, address
            assert answer.request["PATH_INFO"].startswith(f"/t/{owner.team.slug}/")


@pytest.mark.parametrize("place", _places(API, "read"))
def test_its_scripts_read_each_list(place, before):
    for team in Team.objects.filter(closed_at=None):
        script = Script(team)
        for address in _fill(place, team):
            assert script.get(address.removeprefix("/api/v1")).status == 200, address


@pytest.mark.parametrize(
    "place", [address for address in _shown(PEOPLE, "operator") if address.startswith("/operator/")]
)
def test_the_operator_sees_each_page(place, before):
    client = Client()
    client.force_login(User.objects.get(is_staff=True))
    for team in Team.objects.filter(closed_at=None):
        for address in _fill(place, team):
            assert client.get(address).status_code == 200
