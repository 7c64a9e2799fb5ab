"""One chain account, which signs deployments. One act at a time, so it has the signing lease."""

from django.db import models

from billing.models.fields import TftField
from tfci.core.reasons import Reason
from tfci.core.vault import SealedField
from tfci.grid import reasons


class Twin(models.Model):
    """The operator's, or a team's own. `signing`: the holder of the lease. A team's own that was removed stays, without
    its words, for what it was billed."""

    network = models.CharField(max_length=20)
    twin_id = models.PositiveBigIntegerField()
    mnemonic = SealedField()
    team = models.ForeignKey(
        "accounts.Team", on_delete=models.PROTECT, null=True, related_name="own_twins"
    )  # whose own it is; None for the operator's
    address = models.CharField(max_length=60, blank=True, db_default="")  # of a team's own, to pay to
    removed_at = models.DateTimeField(null=True)
    signing = models.CharField(max_length=40, blank=True)
    signing_until = models.DateTimeField()
    problem = models.CharField(
        max_length=40, blank=True, db_default=""
    )  # of the last turn; "" while all is well
    problem_params = models.JSONField(null=True)
    # what counts for its discount, as last read, in chain time
    usable = TftField(null=True)
    stash = TftField(null=True)
    reserved = TftField(null=True)  # for bills that are not paid out yet
    holdings_read_at = models.DateTimeField(null=True)
    # VMs made from then on are compared with the chain's bills, which were read up to then; in chain time
    bills_from = models.DateTimeField(null=True)
    bills_read_to = models.DateTimeField(null=True)
    last_swept_at = models.DateTimeField(
        null=True
    )  # when what it has on the grid was last compared with our rows

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "twin_id"], name="one_row_a_twin"),
            models.UniqueConstraint(
                fields=["network", "team"], condition=models.Q(removed_at=None), name="one_own_twin_a_team"
            ),
        ]

    def __str__(self) -> str:
        return f"twin {self.twin_id}"

    @property
    def typed_problem(self) -> Reason | None:
        return reasons.read(self.problem, self.problem_params) if self.problem else None
