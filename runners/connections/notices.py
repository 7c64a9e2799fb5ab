"""Mails to people about what can't wait until they visit a page."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from billing import credit_requests, wallets
from billing.spending import changes
from billing.spending.alerts import Alert
from billing.withdrawal_rules.life import WithdrawalState
from billing.withdrawals import booking, links
from billing.withdrawals.requests import Withdrawal
from runners.metering import limit_usage
from runners.reasons.limits import NamesLimit
from tfci.accounts.models import Membership, Role, Team, User
from tfci.core.optional import present
from tfci.forges.models import Connection
from tfci.templatetags.show import span

log = structlog.get_logger()
RECIPIENTS = [Role.OWNER, Role.ADMIN]
PARTS = ("subject", "message")
WITHDRAWAL_MAILS = {
    WithdrawalState.REQUESTED: "withdrawal_requested",
    WithdrawalState.WAITING: "withdrawal_waiting",
    WithdrawalState.PAID: "withdrawal_paid",
}


def token_ends(connection: Connection, now: datetime) -> None:
    """To those who may replace it. A mail server that is down costs this mail: the dashboard shows it too."""
    link = settings.URL + reverse("connection", args=[connection.team.slug, connection.pk])
    _mail(
        connection.team,
        "token_ends",
        {"connection": connection, "left": span(present(connection.token_ends_at) - now), "link": link},
    )


def balance_runs_out(wallet: wallets.Wallet, now: datetime) -> bool:
    """To those who may act on it, before its VMs end and once they have. Each page of the team shows it. Returns if
    a mail went out."""
    link = settings.URL + reverse("deposit", args=[wallet.team.slug])
    left = span(max(wallet.runs_out_at - now, timedelta(0))) if wallet.runs_out_at else ""
    return _mail(wallet.team, "balance_low", {"wallet": wallet, "left": left, "link": link})


def spending_alert(alert: Alert) -> bool:
    """What was crossed, to those who may act on it. Each page of the team shows what lasts. Returns if a mail went
    out."""
    page = "limits" if alert.limit else "spend"
    facts = {"alert": alert, "link": settings.URL + reverse(page, args=[alert.team.slug])}
    if alert.limit:
        row = alert.limit
        limit = changes.as_limit(row, limit_usage.pool_names([row]))
        facts["limit"] = NamesLimit.per_job(limit, alert.value).title
    if alert.job_id:
        facts["job"] = settings.URL + reverse("job", args=[alert.team.slug, alert.job_id])
    return _mail(alert.team, "spending_alert", facts)


def credit_requested(request: credit_requests.CreditRequest) -> bool:
    """A team's request for TFT, to all operators. Their page of requests lists it too. Returns whether a mail went out:
    no where there is no operator."""
    facts = {
        "asked": request,
        "link": settings.URL + reverse("operator_requests"),
        "product": settings.NAME,
    }
    operators = User.objects.filter(is_staff=True, is_active=True)
    sent = [_send("credit_request", operator.email, facts) for operator in operators]
    return any(sent)


def withdrawal(row: Withdrawal) -> bool:
    """What became of it, to the owners: any of them may stop it. The link that confirms goes to who asked alone.
    Returns whether a mail went out."""
    stop = reverse("withdrawal_stop_by_mail", args=[links.token(links.STOP, row).reveal()])
    facts = {
        "row": row,
        "fee": booking.fees([row]).get(row.pk),
        "team": row.team,
        "product": settings.NAME,
        "link": settings.URL + reverse("withdrawals", args=[row.team.slug]),
        "stop_link": settings.URL + stop,
    }
    what = WITHDRAWAL_MAILS.get(WithdrawalState(row.state), "withdrawal_ended")
    if row.state == WithdrawalState.REQUESTED:
        confirm = reverse(
            "withdrawal_confirm", args=[row.team.slug, links.token(links.CONFIRM, row).reveal()]
        )
        link = {"confirm_link": settings.URL + confirm}
        return row.asked_by is not None and _send(what, row.asked_by.email, facts | link)
    owners = Membership.objects.filter(team=row.team, role=Role.OWNER).values_list("user__email", flat=True)
    sent = [_send(what, address, facts) for address in owners]
    return any(sent)


def _mail(team: Team, what: str, facts: dict[str, Any]) -> bool:
    """The mail of that name to the owners and admins of a team. Returns whether any went out."""
    people = Membership.objects.filter(team=team, role__in=RECIPIENTS).select_related("user")
    facts |= {"team": team, "product": settings.NAME}
    sent = [_send(what, one.user.email, facts | {"role": one.role}) for one in people]
    return any(sent)


def _send(what: str, address: str, facts: dict[str, Any]) -> bool:
    """False where the mail server did not take it."""
    subject, text = (render_to_string(f"runners/email/{what}_{part}.txt", facts) for part in PARTS)
    try:
        send_mail(subject.strip(), text, None, [address])
    except OSError as error:
        log.warning("mail_lost", what=what, error=type(error).__name__)
        return False
    return True
