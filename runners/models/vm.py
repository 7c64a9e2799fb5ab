"""One VM, from the request for it to its last bill."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from billing.quotes import Sized
from runners.models.pool import Protection
from runners.models.reasoned import Reasoned
from runners.models.runner import Runner
from runners.reasons import catalogue
from runners.reasons.ends import EndCode
from runners.reasons.vms import NeedsNode
from tfci.core import reasons
from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.core.vault import derive, instance

SHUT_DOWN = (
    EndCode.KILLED,
    EndCode.STOPPED,
)  # what an agent reports of an engine whose VM was removed under it


class VMQuerySet(models.QuerySet["VM"]):
    def alive(self) -> "VMQuerySet":
        """All but those that are over."""
        return self.exclude(state=VM.State.GONE)

    def signed_by(self, twin_id: int) -> "VMQuerySet":
        """Those that only this twin can deploy and cancel."""
        return self.filter(Q(own_twin=twin_id) | Q(own_twin=None, wallet__twin=twin_id))

    def unretired(self) -> "VMQuerySet":
        """Those whose end nobody requested."""
        return self.filter(retire_reason="")

    def retire(self, reason: Reason, now: datetime) -> int:
        """Request their end, which is due at once; the lifecycle carries it out."""
        columns = {"retire_reason": str(reason.code), "retire_params": reason.params or None}
        return self.update(**columns, next_step_at=now)


class VM(Reasoned):
    """Moved only by lifecycle.py. All others write facts (claimed_at, …) or requests (retire_reason)
    and make it due (next_step_at = now). Team and pool may be empty until it is bound."""

    class State(models.TextChoices):
        WANTED = "wanted", gettext_lazy("wanted")
        DEPLOYING = "deploying", gettext_lazy("deploying")
        BOOTING = "booting", gettext_lazy("booting")
        STANDBY = "standby", gettext_lazy("on standby")
        ASSIGNED = "assigned", gettext_lazy("assigned")
        BUSY = "busy", gettext_lazy("busy")
        KEPT = "kept", gettext_lazy("kept open")
        REFRESHING = "refreshing", gettext_lazy("refreshing")
        SERVING = "serving", gettext_lazy("serving")
        REMOVING = "removing", gettext_lazy("removing")
        GONE = "gone", gettext_lazy("gone")

    objects = VMQuerySet.as_manager()

    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, null=True, related_name="vms")
    pool = models.ForeignKey("runners.Pool", on_delete=models.PROTECT, null=True, related_name="vms")
    server = models.ForeignKey(  # a VM of kind server: it has no pool, and takes no job
        "runners.Server", on_delete=models.PROTECT, null=True, related_name="vms", db_index=False
    )
    wallet = models.ForeignKey("billing.Wallet", on_delete=models.PROTECT, related_name="vms")
    own_twin = (
        models.ForeignKey(  # of its team, which signs and pays for it; None: the wallet's, from the balance
            "billing.Twin", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
        )
    )
    cpu = models.PositiveIntegerField()
    memory_gb = models.PositiveIntegerField()
    disk_gb = models.PositiveIntegerField()
    protection = models.CharField(max_length=10, choices=Protection, db_default=Protection.NONE)
    scope = models.CharField(max_length=330, blank=True, db_default="")  # whose jobs alone: see vms/trust.py

    state = models.CharField(max_length=12, choices=State, default=State.WANTED)
    state_changed_at = models.DateTimeField()
    next_step_at = models.DateTimeField()
    leased_until = models.DateTimeField()
    created_at = models.DateTimeField()

    # requests
    retire_reason = models.CharField(max_length=40, blank=True, db_default="")
    retire_params = models.JSONField(null=True)

    # placement and deployment, written by vms/deploy_batches.py
    node = models.ForeignKey(
        "grid.Node", on_delete=models.PROTECT, null=True, related_name="vms", db_index=False
    )
    quote = models.ForeignKey("billing.Quote", on_delete=models.PROTECT, null=True, related_name="vms")
    failed_nodes = models.JSONField(default=list)  # that refused it, for people to read
    refusal = models.CharField(max_length=40, blank=True, db_default="")  # the grid's; "" until it refuses
    refusal_params = models.JSONField(null=True)
    retry_at = models.DateTimeField(
        null=True
    )  # not asked of any node before, after a refusal without a fault
    boot_image = models.CharField(max_length=500, blank=True, db_default="")  # "": the one of the grid
    ordered_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    deployed_at = models.DateTimeField(null=True)
    contract_ids = models.JSONField(default=list)
    addresses = models.JSONField(default=dict)
    contract_created_at = models.DateTimeField(null=True)  # chain time: metered from
    contract_ended_at = models.DateTimeField(null=True)  # chain time: metered to
    removed_at = models.DateTimeField(null=True)  # ours: the grid has nothing of it any more
    died_at = models.DateTimeField(null=True)  # the grid reports it, or its node is lost: vms/liveness.py

    # what its agent reported, written by agents/reports.py
    claimed_at = models.DateTimeField(null=True)
    claim_refused_at = models.DateTimeField(
        null=True
    )  # the first one since: recorded once, however many come
    agent_digest = models.CharField(max_length=64, blank=True)
    agent_address = models.GenericIPAddressField(null=True)
    engines = models.JSONField(default=dict)
    image = models.JSONField(null=True)  # what its image reports of itself
    last_heartbeat_at = models.DateTimeField(null=True)
    phase = models.CharField(max_length=10, blank=True)
    tail = models.TextField(blank=True)  # agent and engine, the last 16 KiB
    boot_log = models.TextField(blank=True, db_default="")  # what its image printed while it started

    class Meta:
        indexes = [
            models.Index(
                fields=["next_step_at"], condition=~models.Q(state="gone"), name="vms_that_may_be_due"
            ),
            models.Index(fields=["pool", "state"], condition=~models.Q(state="gone"), name="alive_of_a_pool"),
            models.Index(fields=["team", "-id"], name="vms_of_a_team"),
            models.Index(
                fields=["server", "-id"],
                condition=models.Q(server__isnull=False),
                name="vms_of_a_server",
            ),
            models.Index(fields=["node", "-id"], include=["team"], name="vms_of_a_node"),
            models.Index(
                fields=["team", "-id"],
                condition=models.Q(died_at__isnull=False),
                name="vms_that_died",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def wanted(cls, size: Sized, now: datetime, **fields: Any) -> "VM":
        """A new one of that size (cpu, memory_gb, disk_gb), wanted from now on; not saved. `fields`: team, wallet, …"""
        parts = {"cpu": size.cpu, "memory_gb": size.memory_gb, "disk_gb": size.disk_gb}
        times = {"created_at": now, "state_changed_at": now, "next_step_at": now, "leased_until": now}
        return cls(**parts, **times, **reasons.columns(NeedsNode()), **fields)

    @property
    def signer_id(self) -> int | None:
        """The twin that it is deployed and cancelled by."""
        return self.own_twin_id or self.wallet.twin_id

    @property
    def name(self) -> str:
        """Its name on the grid, from our own ids: the same on every try (`^[a-z0-9_]+$`, at most 28)."""
        return f"{self.prefix()}{self.pk}"

    @classmethod
    def prefix(cls) -> str:
        """How the names of all our VMs begin."""
        return f"fh_{instance()}_"

    @property
    def size(self) -> str:
        """Canonical text, as labels.py writes it."""
        return f"{self.cpu}cpu{self.memory_gb}gbram{self.disk_gb}gbssd"

    @property
    def typed_retire_reason(self) -> Reason | None:
        """Why it must go; None while nobody requested that."""
        return catalogue.read(self.retire_reason, self.retire_params) if self.retire_reason else None

    @property
    def typed_refusal(self) -> Reason | None:
        return catalogue.read(self.refusal, self.refusal_params) if self.refusal else None

    def ended_for(self, end: Runner | None) -> str:
        """The code for which it was retired under a job, whose engine's `end` its agent may have reported; "" where the
        job ended first."""
        return self.retire_reason if end is None or end.done_cause in SHUT_DOWN else ""

    @property
    def bootstrap_token(self) -> Secret:
        """Derived, stored nowhere: every try to deploy carries the same."""
        return derive("boot", self.pk)
