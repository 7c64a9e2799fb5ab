"""How long a team's TFT last, in sentences."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext

from billing.funds import Funds
from tfci.core.formatting import plural
from tfci.templatetags.show import brief, remaining

register = template.Library()


@register.filter
def forecast(funds: Funds) -> str:
    """How long a team's TFT last by what runs now, and by the average of the last days (billing/funds.py)."""
    return f"{_at_rate(funds)} {_at_average(funds)}"


@register.filter
def sequence(funds: Funds) -> str:
    """What ends when as the TFT run out at the current rate (docs/costs.md): new VMs and those without a job first."""
    if funds.starts_until is None:
        return gettext("A VM can only start if the balance covers an hour of it.")
    goes_on = gettext("Running jobs continue for {time} at this rate.").format(time=remaining(funds.at_rate))
    if funds.starts_until < timedelta(minutes=1):
        ends = gettext(
            "The balance does not cover the next hour of all VMs: VMs without a job end now, and no VM starts."
        )
    else:
        ends = gettext("In {time} VMs without a job end and no VM starts.")
        ends = ends.format(time=remaining(funds.starts_until))
    return f"{ends} {goes_on}"


def _at_rate(funds: Funds) -> str:
    if not funds.rate.vms:
        return gettext("No running VMs.")
    cost = gettext("{vms}, {per_hour} TFT/h").format(
        vms=plural(funds.rate.vms, "VM"), per_hour=brief(funds.rate.per_hour)
    )
    return gettext("At the current rate ({cost}): {lasting}.").format(
        cost=cost, lasting=_lasting(funds, funds.at_rate)
    )


def _at_average(funds: Funds) -> str:
    if funds.average.per_day <= 0:
        return gettext("Nothing spent in the last {days} days.").format(days=funds.average.days)
    days = plural(funds.average.days, "day").removeprefix("1 ")
    cost = gettext("{per_day} TFT/day").format(per_day=brief(funds.average.per_day))
    return gettext("Average of the last {days}: {cost}, {lasting}.").format(
        days=days, cost=cost, lasting=_lasting(funds, funds.at_average)
    )


def _lasting(funds: Funds, left: timedelta | None) -> str:
    if funds.balance <= 0:
        return gettext("nothing is left")
    return gettext("more than 10 years") if left is None else remaining(left)
