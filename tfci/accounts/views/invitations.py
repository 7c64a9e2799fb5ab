"""Inviting people into a team, and joining one."""

import structlog
from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tfci.accounts import access, invitations, navigation, teams
from tfci.accounts.forms import InviteForm
from tfci.accounts.models import Invitation
from tfci.accounts.requests import SignedInRequest, TeamRequest
from tfci.accounts.views.members import actor_of
from tfci.core.secret import Secret

log = structlog.get_logger()


@never_cache
@access.requires("members.change")
def invite(request: TeamRequest) -> HttpResponse:
    """The form; the answer to it is the only page that shows the link."""
    roles = access.roles_given_by(request.role)
    form = InviteForm(request.POST or None, roles=roles)
    if request.method == "POST" and form.is_valid():
        if refused := ratelimit.consume_or_429(request, action="invite"):
            return refused
        try:
            invitation, secret = invitations.invite(
                request.team, **form.cleaned_data, actor=actor_of(request), now=timezone.now()
            )
            return show(request, invitation, secret)
        except teams.NotAllowed as error:
            form.add_error("email", str(error))
    return render(request, "accounts/invite.html", {"form": form})


@never_cache
@require_POST
@access.requires("members.change")
def renew(request: TeamRequest, pk: int) -> HttpResponse:
    """Another link, mailed again; the one before is dead."""
    invitation = get_object_or_404(invitations.pending(request.team), pk=pk)
    if refused := ratelimit.consume_or_429(request, action="invite"):
        return refused
    try:
        secret = invitations.renew(invitation, actor_of(request), timezone.now())
    except teams.NotAllowed as error:
        messages.error(request, str(error))
        return redirect("team", request.team.slug)
    return show(request, invitation, secret)


def show(request: TeamRequest, invitation: Invitation, secret: Secret) -> HttpResponse:
    """The link, this once, and whether it was mailed too."""
    link = settings.URL + reverse("join", args=[secret.reveal()])
    mailed = bool(invitation.email) and mail(invitation, link, request)
    form = InviteForm(roles=access.roles_given_by(request.role))
    made = {"invitation": invitation, "link": link, "mailed": mailed}
    return render(request, "accounts/invite.html", {"form": form, "made": made})


def mail(invitation: Invitation, link: str, request: TeamRequest) -> bool:
    """True once the mail server has taken it."""
    facts = {"invitation": invitation, "link": link, "by": request.user, "days": invitations.LIFE.days}
    try:
        get_adapter().send_mail("accounts/email/invitation", invitation.email, facts)
    except OSError as error:
        log.warning("invitation_not_mailed", invitation=invitation.pk, error=type(error).__name__)
        return False
    return True


@access.requires("members.change")
def revoke(request: TeamRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(invitations.pending(request.team), pk=pk)
    if request.method == "POST":
        if invitations.revoke(invitation, request.user, timezone.now()):
            messages.success(request, gettext("The invitation is revoked. Its link no longer works."))
        return redirect("team", request.team.slug)
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("Revoke the {invitation}?").format(invitation=invitation),
            "text": gettext("Its link stops working immediately. You can send a new invitation."),
            "verb": gettext("Revoke"),
            "back": reverse("team", args=[request.team.slug]),
        },
    )


@login_not_required
@never_cache
def join(request: SignedInRequest, token: str) -> HttpResponse:
    """The invitation and its button; anonymous users sign in or up first, and come back here."""
    invitation = invitations.find(token, timezone.now())
    if invitation is None:
        return render(request, "accounts/join_gone.html", status=404)
    if not request.user.is_authenticated:
        return render(request, "accounts/join.html", {"invitation": invitation})
    if membership := invitation.team.memberships.filter(user=request.user).first():
        messages.info(
            request,
            gettext("You are already a member of {team}, as {role}.").format(
                team=invitation.team, role=membership.role
            ),
        )
        return redirect(navigation.front(invitation.team))
    if request.method == "POST":
        return accept(request, invitation)
    is_for_user = invitations.is_for(invitation, request.user)
    return render(request, "accounts/join.html", {"invitation": invitation, "is_for_user": is_for_user})


def accept(request: SignedInRequest, invitation: Invitation) -> HttpResponse:
    try:
        invitations.accept(invitation, request.user, timezone.now())
    except teams.NotAllowed as error:
        messages.error(request, str(error))
        return redirect(request.path)
    messages.success(
        request,
        gettext("Welcome to {team}. Your role is {role}.").format(team=invitation.team, role=invitation.role),
    )
    return redirect(navigation.front(invitation.team))
