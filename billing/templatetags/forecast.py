"""How long a team's TFT last, in sentences."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext

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
        return gettext("A VM can only start if the balance covers an hour of it.")
    goes_on = gettext("Running jobs continue for {time} at this rate.").format(time=remaining(purse.at_rate))
    if purse.starts_until < timedelta(minutes=1):
        ends = gettext(
            "The balance does not cover the next hour of all VMs: VMs without a job end now, and no VM starts."
        )
    else:
        ends = gettext("In {time} VMs without a job end and no VM starts.")
        ends = ends.format(time=remaining(purse.starts_until))
    return f"{ends} {goes_on}"


def _at_rate(purse: Purse) -> str:
    if not purse.rate.vms:
        return gettext("No running VMs.")
    cost = gettext("{vms}, {per_hour} TFT/h").format(
        vms=plural(purse.rate.vms, "VM"), per_hour=brief(purse.rate.per_hour)
    )
    return gettext("At the current rate ({cost}): {lasting}.").format(
        cost=cost, lasting=_lasting(purse, purse.at_rate)
    )


def _at_average(purse: Purse) -> str:
    if purse.average.per_day <= 0:
        return gettext("Nothing spent in the last {days} days.").format(days=purse.average.days)
    days = plural(purse.average.days, "day").removeprefix("1 ")
    cost = gettext("{per_day} TFT/day").format(per_day=brief(purse.average.per_day))
    return gettext("Average of the last {days}: {cost}, {lasting}.").format(
        days=days, cost=cost, lasting=_lasting(purse, purse.at_average)
    )


def _lasting(purse: Purse, left: timedelta | None) -> str:
    if purse.balance <= 0:
        return gettext("nothing is left")
    return gettext("more than 10 years") if left is None else remaining(left)
