"""What the operator reads: over all teams, few queries, and no secret."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from redis import Redis

from runners.models import VM, Orphan
from runners.reasons.waits import NoNodeNow, TooDear
from runners.web.views.operator.vms import stuck
from tests.builders import NOON, a_connection, a_job, a_membership, a_problem, a_team, a_twin, a_vm
from tests.people import client_of
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.celery import QUEUES
from tfci.core.processes import worker_heartbeats
from tfci.core.reasons import Other, columns
from tfci.core.secret import Secret
from tfci.forges.models import Connection
from tfci.grid.reasons import GridSilent

PAGES = [
    "",
    "teams/",
    "teams/kestrel-labs/",
    "requests/",
    "vms/",
    "connections/",
    "prices/",
    "cashier/",
    "withdrawals/",
    "github/",
    "orphans/",
    "accounts/",
    "versions/",
    "audit/",
]
QUERIES, BYTES = 12, 100_000


@pytest.fixture
def full(house):
    """Twenty teams and a page full of everything else."""
    now = timezone.now()
    for _ in range(20):
        team = a_team()
        connection = a_connection(
            team,
            last_polled_at=now,
            last_swept_at=now,
            hook_id="1",
            problems=a_problem("Give the token a scope. " * 4),
        )
        a_job(connection, discovered_by="poll", discovered_at=now - timedelta(hours=1))
        Orphan.objects.create(kind="runner", name="fh-x-1-1", connection=connection, removed_at=now)
        a_twin(**columns(GridSilent("The chain did not answer. " * 4), "problem"))
        for _ in range(3):
            audit.record(team, "somebody@example.org", Action.POOL_CHANGED, "x" * 200, at=now)
    for _ in range(50):
        a_vm(
            "booting",
            house.pool,
            node=house.vm.node,
            quote=house.vm.quote,
            reason=Other("for its agent " * 9),
        )
    return house


@pytest.mark.parametrize("page", PAGES)
def test_a_full_page_keeps_within_its_budget(page, full, operator, django_assert_max_num_queries):
    operator.get("/operator/")  # a session is written once
    with django_assert_max_num_queries(QUERIES):
        answer = operator.get(f"/operator/{page}")
    assert answer.status_code == 200 and len(answer.content) < BYTES


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_a_secret(page, house, operator):
    Connection.objects.update(token=Secret("tok3n"), hook_secret=Secret("h00k"), address="4ddress")
    a_twin(mnemonic=Secret("w0rds"))
    text = operator.get(f"/operator/{page}").text
    assert not [secret for secret in ("tok3n", "h00k", "4ddress", "w0rds") if secret in text]


def test_the_operator_finds_the_way_and_nobody_else_sees_it(house, operator):
    assert 'href="/operator/"' in operator.get("/teams/").text
    assert 'href="/operator/"' not in client_of("owner", house.team).get("/teams/").text


def test_each_page_leads_to_all_others_and_to_the_operators_own_teams(house, operator):
    a_membership(house.team, operator.user)
    shell = operator.get("/operator/teams/kestrel-labs/").context["shell"]
    assert [entry.word for entry in shell.work if entry.current] == ["Teams"]
    assert {entry.url.removeprefix("/operator/") for entry in shell.work} == {*PAGES} - {
        "teams/kestrel-labs/"
    }
    assert (shell.place, shell.others) == ("Operator", [(house.team, "/t/kestrel-labs/")])
    assert "No team yet" not in operator.get("/t/kestrel-labs/").text


def test_an_operator_of_no_team_has_the_way_at_the_bottom_of_a_phone(house, operator):
    assert [entry.url for entry in operator.get("/teams/").context["shell"].tabs] == ["/operator/"]


# Now


@pytest.fixture
def valkey():
    """In which no worker has spoken and nothing waits."""
    with Redis.from_url(settings.VALKEY) as valkey:
        valkey.delete(worker_heartbeats.KEY, *QUEUES)
        yield valkey
        valkey.delete(worker_heartbeats.KEY, *QUEUES)


def test_a_worker_that_fell_silent_is_told(house, operator, valkey):
    worker_heartbeats.record("act@a", timezone.now())
    worker_heartbeats.record("beat", timezone.now() - timedelta(minutes=1))
    for queue in QUEUES:
        valkey.rpush(queue, *range(250))
    text = operator.get("/operator/").text
    assert "Beat last reported" in text and "act@a" in text and text.count("Behind") == len(QUEUES)


def test_without_any_worker_the_page_says_what_to_start(house, operator, valkey):
    assert "Start <code>worker-decide</code>" in operator.get("/operator/").text


def test_the_page_stands_without_valkey(house, operator, settings):
    settings.VALKEY = "redis://127.0.0.1:1/0"
    assert "Valkey does not answer" in operator.get("/operator/").text


# VMs


@pytest.mark.parametrize(
    "state, fields, late",
    [
        ("deploying", {"ordered_at": NOON - timedelta(minutes=12)}, True),
        ("deploying", {"ordered_at": NOON - timedelta(minutes=9)}, False),
        ("booting", {"state_changed_at": NOON - timedelta(minutes=5)}, True),
        ("assigned", {"state_changed_at": NOON - timedelta(minutes=7)}, True),
        ("removing", {"state_changed_at": NOON - timedelta(minutes=6)}, True),
        ("standby", {"state_changed_at": NOON - timedelta(days=2)}, False),
        ("standby", {"next_step_at": NOON - timedelta(minutes=2)}, True),
        ("standby", {"next_step_at": NOON - timedelta(minutes=2), "leased_until": NOON}, False),
    ],
)
def test_a_vm_past_its_deadline_or_left_alone_is_stuck(state, fields, late, db):
    before = {"leased_until": NOON - timedelta(hours=1)}
    a_vm(state, **before | fields)
    assert VM.objects.filter(stuck(NOON)).exists() == late


def test_jobs_that_no_vm_stands_for_are_counted_by_what_they_lack(house, operator):
    now = timezone.now()
    lacks = {"reason": NoNodeNow(1, (("down", 0, 1),))}
    for minutes in (1, 6):
        a_job(house.connection, "queued", queued_at=now - timedelta(minutes=minutes), **lacks)
    a_job(
        house.connection,
        "refused",
        queued_at=now,
        reason=TooDear(40_000_000, 30_000_000),
    )
    text = operator.get("/operator/").text
    waits = text[text.index("Jobs without a VM") : text.index('aria-labelledby="h-vms"')]
    assert "0 of 1 selected nodes" in waits and "too_dear" in waits and ' 2 <span class="fh-sub">' in waits
    assert waits.count("Stuck") == 1


def test_vms_are_filtered_by_state(house, operator):
    text = operator.get("/operator/vms/?show=booting").text
    assert "No VM is in this state now" in text
    assert house.vm.name in operator.get("/operator/vms/").text


# Links and orphans


def test_the_links_of_all_teams_say_what_is_wrong(house, operator):
    other = a_connection(problems=a_problem("Make a new token."))
    text = operator.get("/operator/connections/?show=trouble").text
    assert other.name in text and "Permissions: Make a new token." in text
    assert house.connection.name not in text


def test_nothing_is_running_that_should_not_is_said_of_what_was_compared(house, operator):
    Connection.objects.update(last_swept_at=timezone.now())
    assert "These were not compared" in operator.get("/operator/orphans/").text  # the account was not
    house.team.wallet_set.get().twin.__class__.objects.update(last_swept_at=timezone.now())
    assert "No orphans" in operator.get("/operator/orphans/").text


# Teams and audit


def test_teams_are_found_by_the_start_of_their_address(house, operator):
    a_team("Another")
    text = operator.get("/operator/teams/?q=Kes").text
    assert "Kestrel Labs" in text and "Another" not in text
    assert "No matching teams" in operator.get("/operator/teams/?q=nobody").text


def test_a_team_that_does_not_exist_is_not_found(house, operator):
    assert operator.get("/operator/teams/nobody/").status_code == 404


def test_the_audit_log_holds_all_teams_and_is_filtered(house, operator):
    other, now = a_team("Another"), timezone.now()
    audit.record(house.team, "ann@example.org", Action.POOL_CREATED, "fast", after={"max_vms": 2}, at=now)
    audit.record(other, "bob@example.org", Action.VM_RETIRED, "fh_7", at=now)
    audit.record(
        None, "the server's console", Action.ACCOUNT_ADDED, "account 7", after={"holds": "1"}, at=now
    )
    page = operator.get
    assert all(who in page("/operator/audit/").text for who in ("ann@", "bob@", "added the chain account 7"))
    assert "ann@" not in page("/operator/audit/?team=another").text
    assert "bob@" not in page("/operator/audit/?who=ann@example.org").text
    assert "ann@" not in page("/operator/audit/?own=1").text
    assert "No matching entries" in page("/operator/audit/?who=nobody").text


@pytest.mark.parametrize("built_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "once"])
@pytest.mark.parametrize("page", ["versions/", "vms/", ""])
def test_a_row_that_an_odd_agent_has_left_breaks_no_page(page, built_at, operator, house):
    image = {"built_at": built_at, "distribution": "", "release": "", "engines": []}
    VM.objects.filter(pk=house.vm.pk).update(image=image)
    assert operator.get(f"/operator/{page}").status_code == 200
    assert client_of("owner", house.team).get(house.fill("/t/TEAM/vms/VM/")).status_code == 200
