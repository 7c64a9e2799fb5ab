"""TFT that a team takes out of its balance."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from billing.models.fields import TftField
from billing.withdrawal_rules import reasons
from billing.withdrawal_rules.addresses import Route
from billing.withdrawal_rules.life import OPEN, STOPPABLE, WithdrawalState
from tfci.accounts.tenancy import TeamOwned
from tfci.core.reasons import Reason
from tfci.core.tft import Tft

STATES = {
    WithdrawalState.REQUESTED.value: gettext_lazy("Not confirmed"),
    WithdrawalState.WAITING.value: gettext_lazy("Waiting"),
    WithdrawalState.HELD.value: gettext_lazy("Set aside"),
    WithdrawalState.IN_FLIGHT.value: gettext_lazy("Being sent"),
    WithdrawalState.PAID.value: gettext_lazy("Paid"),
    WithdrawalState.RETURNED.value: gettext_lazy("Returned"),
    WithdrawalState.STOPPED.value: gettext_lazy("Stopped"),
    WithdrawalState.EXPIRED.value: gettext_lazy("Expired"),
    WithdrawalState.FAILED.value: gettext_lazy("Failed"),
}
ROUTES = {Route.TFCHAIN.value: gettext_lazy("TFChain"), Route.STELLAR.value: gettext_lazy("Stellar")}


class Withdrawal(TeamOwned):
    """One of a team is open at a time. withdrawal_rules/life.py says what becomes of it; what was signed for it are its
    `acts`. `amount` leaves the cashier, `highest_fee` is what the chain may take besides. Of what goes to Stellar the
    bridge keeps `bridge_fee`."""

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_as = models.CharField(max_length=254, blank=True, default="", db_default="")  # their address then
    route = models.CharField(max_length=10, choices=ROUTES)
    address = models.CharField(max_length=64)
    amount = TftField()
    highest_fee = TftField()
    bridge_fee = TftField(default=0)
    state = models.CharField(max_length=10, choices=STATES, default=WithdrawalState.REQUESTED.value)
    reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    reason_params = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    deadline_at = models.DateTimeField()  # of the mail's link, then of the time in which it can be stopped
    ended_at = models.DateTimeField(null=True)
    mailed_state = models.CharField(max_length=10, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(state__in=[state.value for state in OPEN]),
                name="one_open_withdrawal_a_team",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, highest_fee__gte=0, bridge_fee__gte=0),
                name="a_withdrawal_has_an_amount",
            ),
        ]
        indexes = [models.Index(fields=["team", "-id"], name="withdrawals_of_a_team")]

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"

    @property
    def total(self) -> Tft:
        """What is set aside for it."""
        return Tft(self.amount + self.highest_fee)

    @property
    def arrives(self) -> Tft:
        return Tft(self.amount - self.bridge_fee)

    @property
    def stoppable(self) -> bool:
        return self.state in STOPPABLE

    @property
    def typed_reason(self) -> Reason | None:
        return reasons.read(self.reason, self.reason_params) if self.reason else None
