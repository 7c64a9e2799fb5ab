"""Paying TFT out: the list of withdrawals, the request for one, its confirmation, and the ways to stop it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from billing import wallets
from billing.withdrawal_rules.life import OPEN, WithdrawalState
from billing.withdrawals import booking, links, requests
from billing.withdrawals.requests import Withdrawal
from runners.connections import notices
from runners.metering import charges
from runners.web.forms import WithdrawalForm
from tfci.accounts.access import requires
from tfci.accounts.requests import SiteRequest, TeamRequest
from tfci.accounts.second_factor import asked_again
from tfci.core import paging

LOOKS = {  # look and icon of a state's chip
    WithdrawalState.REQUESTED: ("queued", "mail"),
    WithdrawalState.WAITING: ("waiting", "hourglass"),
    WithdrawalState.HELD: ("running", "loader-2"),
    WithdrawalState.IN_FLIGHT: ("running", "loader-2"),
    WithdrawalState.PAID: ("success", "check"),
    WithdrawalState.RETURNED: ("failure", "refresh"),
    WithdrawalState.STOPPED: ("cancelled", "ban"),
    WithdrawalState.EXPIRED: ("cancelled", "slash"),
    WithdrawalState.FAILED: ("failure", "x"),
}


@requires("funds.withdraw")
def withdrawals(request: TeamRequest) -> HttpResponse:
    """What may be paid out, and all that was."""
    now = timezone.now()
    page, wallet = (
        paging.page(requests.of_team(request.team), request.GET),
        wallets.for_team(request.team),
    )
    owner = next(one for one in request.memberships if one.team_id == request.team.pk)
    fees = booking.fees(page.items)
    context = {
        "balance": wallet.balance,
        "payable": charges.payable(wallet.pk, now),
        "fee": requests.highest_fee(),
        "delay": requests.delay(),
        "open": any(row.state in OPEN for row in page.items),
        "pause": requests.pause_of_owner(owner, now),
        "page": page,
        "rows": [(row, fees.get(row.pk), *LOOKS[WithdrawalState(row.state)]) for row in page.items],
    }
    return render(request, "runners/spend/withdrawals.html", context)


@never_cache
@requires("funds.withdraw")
@asked_again
def withdraw(request: TeamRequest) -> HttpResponse:
    """The form. What was requested waits for the link in the mail."""
    if requests.open_of(request.team):
        messages.info(request, gettext("Only one withdrawal at a time is possible. Wait for it, or stop it."))
        return redirect("withdrawals", request.team.slug)
    now = timezone.now()
    if requests.pause_of(request.team, request.user, now):
        return redirect("withdrawals", request.team.slug)  # which says until when
    payable = charges.payable(wallets.for_team(request.team).pk, now)
    form = WithdrawalForm(request.POST if request.method == "POST" else None, payable=payable)
    if request.method == "POST" and form.is_valid():
        row = requests.ask(
            request.team, request.user, **form.cleaned_data, bridge_fee=form.bridge_fee, now=now
        )
        if row:
            _mail(request, row)
        return redirect("withdrawals", request.team.slug)
    context = {"form": form, "payable": payable, "fee": requests.highest_fee(), "delay": requests.delay()}
    return render(request, "runners/spend/withdraw.html", context, status=422 if form.errors else 200)


def _mail(request: TeamRequest, row: Withdrawal) -> None:
    """At once, for its person waits. Where it fails, the schedule tries again."""
    if notices.withdrawal(row):
        requests.record_mail(row)
        text = gettext("Open the link that was mailed to {email} to confirm the withdrawal.")
        messages.success(request, text.format(email=request.user.email))
    else:
        messages.warning(
            request,
            gettext("The mail with the link could not be sent yet. Farmhand tries again automatically."),
        )


@never_cache
@requires("funds.withdraw")
def confirm(request: TeamRequest, token: str) -> HttpResponse:
    """The link of the mail, for the person who asked. Mail programs open links, so a button confirms."""
    row = links.find(links.CONFIRM, token)
    if row is None or row.team != request.team or row.asked_by != request.user:
        raise Http404(gettext("This link belongs to another person’s withdrawal, or is incomplete."))
    now = timezone.now()
    if request.method == "POST":
        if requests.confirm(row, request.user, now):
            messages.success(request, gettext("The withdrawal is confirmed."))
            return redirect("withdrawals", request.team.slug)
        if requests.pause_of(request.team, request.user, now):
            return redirect("withdrawals", request.team.slug)  # which says until when
        row.refresh_from_db()
    look, drawing = LOOKS[WithdrawalState(row.state)]
    context = {
        "row": row,
        "confirmable": row.state == WithdrawalState.REQUESTED and now < row.deadline_at,
        "look": look,
        "drawing": drawing,
        "delay": requests.delay(),
    }
    return render(request, "runners/spend/withdrawal_confirm.html", context)


@requires("funds.withdraw")
def stop(request: TeamRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(requests.of_team(request.team), pk=pk)
    if request.method == "POST":
        if requests.stop(row, request.user, timezone.now()):
            messages.success(request, gettext("The withdrawal is stopped. Its TFT stay on the balance."))
        else:
            messages.error(request, gettext("It is too late to stop this withdrawal."))
        return redirect("withdrawals", request.team.slug)
    return render(
        request,
        "confirm.html",
        _stop_question(row) | {"back": reverse("withdrawals", args=[request.team.slug])},
    )


@login_not_required
@never_cache
def stop_by_mail(request: SiteRequest, token: str) -> HttpResponse:
    """The same by the link in an owner's mail, without signing in: whoever has taken over an owner's account may have
    locked the owner out."""
    row = links.find(links.STOP, token)
    if row is None:
        raise Http404(gettext("This link is incomplete. Copy all of it from the mail."))
    stopped = request.method == "POST" and requests.stop(row, None, timezone.now())
    return render(request, "runners/spend/withdrawal_stop.html", {"row": row, "stopped": stopped})


def _stop_question(row: Withdrawal) -> dict[str, str]:
    return {
        "title": gettext("Stop the withdrawal of {amount} TFT?").format(amount=row.amount),
        "text": gettext("It is not paid, and its TFT stay on the balance."),
        "verb": gettext("Stop withdrawal"),
    }
