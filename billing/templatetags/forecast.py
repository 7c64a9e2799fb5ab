"""How long a team's TFT last, in sentences."""

from datetime import timedelta

from django import template

from billing.purse import Purse
from tfci.core.formatting import plural
from tfci.templatetags.show import brief, remaining

register = template.Library()


@register.filter
def forecast(purse: Purse) -> str:
    """How long a team's TFT last by what runs now, and by the average of the last days (billing/purse.py)."""
    return f"{_at_rate(purse)} {_at_average(purse)}"


@register.filter
def sequence(purse: Purse) -> str:
    """What ends when as the TFT run out at the current rate (docs/costs.md): new VMs and those without a job first."""
    if purse.starts_until is None:
        return "A VM can only start if the balance covers an hour of it."
    goes_on = f"Running jobs continue for {remaining(purse.at_rate)} at this rate."
    if purse.starts_until < timedelta(minutes=1):
        return (
            f"The balance does not cover the next hour of all VMs: VMs without a job end now, and no VM starts. "
            f"{goes_on}"
        )
    return f"In {remaining(purse.starts_until)} VMs without a job end and no VM starts. {goes_on}"


def _at_rate(purse: Purse) -> str:
    if not purse.rate.vms:
        return "No running VMs."
    cost = f"{plural(purse.rate.vms, 'VM')}, {brief(purse.rate.per_hour)} TFT/h"
    return f"At the current rate ({cost}): {_lasting(purse, purse.at_rate)}."


def _at_average(purse: Purse) -> str:
    if purse.average.per_day <= 0:
        return f"Nothing spent in the last {purse.average.days} days."
    days = plural(purse.average.days, "day").removeprefix("1 ")
    cost = f"{brief(purse.average.per_day)} TFT/day"
    return f"Average of the last {days}: {cost}, {_lasting(purse, purse.at_average)}."


def _lasting(purse: Purse, left: timedelta | None) -> str:
    if purse.balance <= 0:
        return "nothing is left"
    return "more than 10 years" if left is None else remaining(left)
