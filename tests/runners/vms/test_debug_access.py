"""Debug access: who is let into which VM, until when, and what the agent hears of it."""

from datetime import timedelta

import pytest

from billing import ledger
from runners.metering import charges
from runners.models import VM, DebugAccess, Pool
from runners.reasons import refusals
from runners.reasons.vm_notes import DebugOpened
from runners.vms import debug_access
from tests.builders import NOON, a_debug_access, a_job, a_membership, a_runner, a_user, a_vm
from tests.house import PUBLIC_KEY
from tfci.accounts import ssh_keys
from tfci.accounts.models import AuditEntry, Membership
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

VM_KEY = PUBLIC_KEY.rpartition(" ")[0]


@pytest.fixture(autouse=True)
def on_the_local_grid(settings):
    settings.GRID = "local"


@pytest.fixture
def vm():
    """A job has been running on it for a minute."""
    vm = a_vm("busy", addresses={"ssh": "127.0.0.1:20123"})
    a_runner(vm, job=a_job(vm.pool.connections.first(), "in_progress", pool=vm.pool), taken_at=NOON)
    return vm


@pytest.fixture
def admin(vm):
    person = a_membership(vm.team, role="admin").user
    ssh_keys.add(person, ssh_keys.read(PUBLIC_KEY), "", NOON)
    return person


def after(**span):
    return NOON + timedelta(**span)


class TestWay:
    @pytest.mark.parametrize(
        ("addresses", "command", "known", "overlay"),
        [
            ({"ssh": "127.0.0.1:20123"}, "ssh -p 20123 root@127.0.0.1", "[127.0.0.1]:20123 K", False),
            ({"mycelium": "400::1"}, "ssh -p 22 root@400::1", "400::1 K", True),
        ],
    )
    def test_it_is_the_grids_forwarded_port_or_the_overlays_address(self, addresses, command, known, overlay):
        way = debug_access.address(VM(addresses=addresses))
        assert (way.command, way.known_host("K"), way.overlay) == (command, known, overlay)

    def test_an_address_by_which_nobody_gets_in_is_none(self):
        assert debug_access.address(VM(addresses={"ip": "127.0.0.1"})) is None


class TestBegin:
    def test_it_is_open_for_that_persons_keys_and_time_and_noted(self, vm, admin):
        made = debug_access.begin(vm, admin, 30, admin, NOON)
        assert (made.keys, made.closes_at) == ([VM_KEY], after(minutes=30))
        assert debug_access.present(vm, after(minutes=29)) == made
        assert debug_access.present(vm, after(minutes=30)) is None
        assert vm.events.get().typed_reason == DebugOpened(str(admin), 30)
        entry = AuditEntry.objects.get(what="vms.debug")
        assert (entry.who, entry.after) == (str(admin), {"for": str(admin), "minutes": 30})

    def test_the_time_limit_of_the_job_is_the_latest_end(self, vm, admin):
        Pool.objects.update(max_job_minutes=10)
        assert debug_access.begin(vm, admin, 60, admin, after(minutes=8)).closes_at == after(minutes=10)

    def test_with_less_than_a_minute_to_it_nothing_is_opened(self, vm, admin):
        Pool.objects.update(max_job_minutes=10)
        with pytest.raises(debug_access.DebugRefused) as refused:
            debug_access.begin(vm, admin, 60, admin, after(minutes=9, seconds=1))
        assert refused.value.reason == refusals.TimeNearlyOver()

    @pytest.mark.parametrize("state", [state for state in VM.State.values if state != "busy"])
    def test_only_a_vm_that_runs_a_job_is_opened(self, vm, admin, state):
        VM.objects.update(state=state)
        with pytest.raises(debug_access.DebugRefused) as refused:
            debug_access.begin(vm, admin, 30, admin, NOON)
        assert refused.value.reason == refusals.NoJobRuns()

    def test_programs_of_the_simulated_grid_are_no_vms_to_sign_in_to(self, vm, admin, settings):
        settings.GRID = "simulated"
        with pytest.raises(debug_access.DebugRefused) as refused:
            debug_access.begin(vm, admin, 30, admin, NOON)
        assert refused.value.reason == refusals.NothingToEnter()

    def test_nor_is_one_whose_grid_has_told_no_way_in(self, vm, admin):
        VM.objects.update(addresses={})
        with pytest.raises(debug_access.DebugRefused) as refused:
            debug_access.begin(vm, admin, 30, admin, NOON)
        assert refused.value.reason == refusals.NoAddress()

    def test_who_keeps_no_key_is_told_where_to_add_one(self, vm):
        user = a_membership(vm.team, role="owner").user
        with pytest.raises(debug_access.DebugRefused) as refused:
            debug_access.begin(vm, user, 30, "x", NOON)
        assert refused.value.reason == refusals.NoSshKey(str(user))

    def test_one_person_at_a_time_is_let_in(self, vm, admin):
        there = a_debug_access(vm)
        with pytest.raises(debug_access.DebugRefused) as refused:
            debug_access.begin(vm, admin, 30, admin, NOON)
        assert refused.value.reason == refusals.OpenAlready(there.who)

    def test_after_the_time_of_one_another_is_let_in(self, vm, admin):
        a_debug_access(vm, minutes=15)
        made = debug_access.begin(vm, admin, 30, admin, after(minutes=15))
        assert debug_access.present(vm, after(minutes=16)) == made


class TestEnd:
    def test_it_is_closed_by_hand_once_and_noted(self, vm, admin):
        a_debug_access(vm, admin)
        assert debug_access.close(vm, admin, after(minutes=1))
        assert not debug_access.close(vm, admin, after(minutes=1))
        assert debug_access.present(vm, after(minutes=1)) is None
        assert VM.objects.get().next_step_at == after(minutes=1)
        assert AuditEntry.objects.get(what="vms.debug").before == {"for": str(admin)}

    @pytest.mark.parametrize(
        "leave",
        [
            lambda user: Membership.objects.filter(user=user).delete(),
            lambda user: Membership.objects.filter(user=user).update(role="member"),
            lambda user: type(user).objects.filter(pk=user.pk).update(is_active=False),
            lambda user: user.delete(),
        ],
        ids=["left", "may no more", "locked out", "deleted"],
    )
    def test_who_may_no_more_is_out_at_once(self, vm, admin, leave):
        a_debug_access(vm, admin)
        leave(admin)
        assert debug_access.order(vm, NOON) is None

    def test_rights_in_another_team_count_for_nothing(self, vm):
        a_debug_access(vm, a_membership(role="owner").user)
        assert debug_access.present(vm, NOON) is None


class TestAgent:
    def test_it_hears_the_keys_and_how_many_seconds_are_left(self, vm, admin):
        there = a_debug_access(vm, admin, minutes=15)
        told = {"id": there.pk, "keys": there.keys, "seconds": 840}
        assert debug_access.order(vm, after(minutes=1)) == told

    def test_a_vm_that_nobody_can_be_in_costs_no_look(self, vm, django_assert_num_queries):
        vm.state = "standby"
        with django_assert_num_queries(0):
            assert debug_access.order(vm, NOON) is None

    def test_the_key_of_its_server_is_kept(self, vm, admin):
        there = a_debug_access(vm, admin)
        debug_access.record_answer(vm, {"id": there.pk, "host_key": VM_KEY, "said": ""}, NOON)
        there.refresh_from_db()
        assert (there.host_key, there.closed_at) == (VM_KEY, None)

    @pytest.mark.parametrize(
        ("host_key", "said", "refusal"),
        [
            ("", "This image has none.", refusals.SshServerFailed("This image has none.")),
            ("ssh-ed25519 <script>", "", refusals.HostKeyUnreadable()),
            ("", "", refusals.HostKeyUnreadable()),
        ],
    )
    def test_a_vm_that_can_not_open_it_says_why_and_is_not_kept_for_it(
        self, vm, admin, host_key, said, refusal
    ):
        there = a_debug_access(vm, admin)
        debug_access.record_answer(vm, {"id": there.pk, "host_key": host_key, "said": said}, after(seconds=9))
        there.refresh_from_db()
        assert (there.host_key, there.typed_refusal, there.closed_at) == ("", refusal, after(seconds=9))

    def test_it_speaks_of_its_own_vm_alone(self, vm, admin):
        there = a_debug_access(vm, admin)
        debug_access.record_answer(a_vm("busy"), {"id": there.pk, "host_key": VM_KEY, "said": ""}, NOON)
        assert DebugAccess.objects.get().host_key == ""


def test_what_it_was_kept_for_is_charged_as_such(vm, admin):
    runner = vm.runners.get()
    type(runner).objects.update(started_at=NOON, done_at=after(minutes=5))
    a_debug_access(vm, admin, kept_at=after(minutes=5), closed_at=after(minutes=20))
    VM.objects.update(state="removing", contract_ended_at=after(minutes=21))
    charges.settle(vm, after(minutes=21))
    spent = {entry.use: entry.amount for entry in ledger.entries(vm.team) if entry.vm_id == vm.pk}
    assert spent["debug"] == Tft.parse("-0.5312500")  # 15 minutes at 2.125 an hour
    assert set(spent) == {"job", "debug", "teardown"}


def test_a_user_who_is_gone_leaves_the_history(vm):
    user = a_user()
    a_debug_access(vm, user, closed_at=NOON)
    user.delete()
    assert DebugAccess.objects.get().who == str(user)
