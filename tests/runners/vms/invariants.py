"""What holds of a VM's life after any step. The machine that makes the steps is test_life.py's."""

from hypothesis.stateful import (
    invariant,
)

from billing.models import LedgerEntry, Wallet
from runners.agents import reports
from runners.models import VM, Runner
from runners.vms import (
    trust,
)
from tfci.core.tft import Tft

MAXIMUM = 3


class Invariants:
    """Of a state machine with `world`, `forge`, `grid`, `clock`, `pool`, `keys` and `wallet`."""

    @invariant()
    def never_more_vms_than_the_maximum(self):
        pools = VM.objects.exclude(state="gone").exclude(pool=None).exclude(node=None)
        serving = VM.objects.exclude(server=None)
        assert pools.count() <= MAXIMUM
        assert len(set(self.grid.vms) - {vm.name for vm in serving}) <= MAXIMUM

    @invariant()
    def a_server_has_one_vm_that_stays(self):
        staying = (
            VM.objects.exclude(server=None).filter(retire_reason="").exclude(state__in=["removing", "gone"])
        )
        assert staying.count() <= 1

    @invariant()
    def only_a_servers_vm_serves_and_it_takes_no_job(self):
        assert not VM.objects.filter(state="serving", server=None).exists()
        assert not VM.objects.exclude(server=None).filter(state__in=["standby", "assigned", "busy"]).exists()
        assert not Runner.objects.exclude(vm__server=None).exists()

    @invariant()
    def a_vm_that_is_gone_left_nothing(self):
        for vm in VM.objects.filter(state="gone"):
            assert vm.name not in self.grid.vms
            assert not vm.runners.filter(deregistered_at=None).exists()

    @invariant()
    def the_balance_is_the_sum_of_the_entries(self):
        wallet = Wallet.objects.get()
        assert wallet.balance == sum((entry.amount for entry in LedgerEntry.objects.all()), Tft(0))

    @invariant()
    def the_last_agent_that_claimed_is_the_one_that_is_known(self):
        for vm in VM.objects.exclude(agent_digest="").exclude(state__in=["removing", "gone"]):
            assert reports.authenticate(vm.pk, self.keys[vm.pk]) == vm

    @invariant()
    def a_vm_that_has_run_a_job_serves_its_organisation_alone(self):
        for vm in VM.objects.exclude(scope=""):
            ran = {trust.scope("organisation", job.connection_id, job.repository) for job in vm.jobs.all()}
            assert ran == {vm.scope}

    @invariant()
    def a_vm_that_somebody_was_in_serves_no_other_job(self):
        for vm in VM.objects.filter(debug__isnull=False).distinct():
            assert not vm.runners.filter(bound_at__gt=vm.debug.earliest("opened_at").opened_at).exists()
            assert vm.state in ("busy", "kept", "removing", "gone")

    @invariant()
    def a_runner_takes_at_most_one_job(self):
        taken = Runner.objects.exclude(job=None).values_list("job", flat=True)
        assert len(set(taken)) == len(taken)
