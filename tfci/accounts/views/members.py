"""The people of a team."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from tfci.accounts import access, invitations, second_factor, teams
from tfci.accounts.forms import RoleForm
from tfci.accounts.models import Membership, Role
from tfci.accounts.requests import TeamRequest

MAX_INVITATIONS = 100  # invitations shown


@access.requires("team.read")
def team(request: TeamRequest) -> HttpResponse:
    """The members and their roles; for those who may change them also the open invitations."""
    people = request.team.memberships.select_related("user").order_by("user__email")
    may_change = access.may(request.role, "members.change")
    pending = invitations.pending(request.team).select_related("invited_by").order_by("-pk")
    return render(
        request,
        "accounts/team.html",
        {
            "people": people,
            "roles": access.roles_given_by(request.role),
            "in_words": {role: gettext(words) for role, words in access.IN_WORDS.items()},
            "may_change": may_change,
            "invitations": pending[:MAX_INVITATIONS] if may_change else [],
            "safe": second_factor.having(request.team) if may_change else set(),
            "now": timezone.now(),
        },
    )


@require_POST
@access.requires("members.change")
def change_role(request: TeamRequest, pk: int) -> HttpResponse:
    membership = get_object_or_404(request.team.memberships, pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        apply_change(
            request,
            teams.change_role,
            membership,
            role,
            done=gettext("{user} is now {role}.").format(user=membership.user, role=role),
        )
    else:
        messages.error(request, gettext("Choose one of the roles in the list."))
    return redirect("team", request.team.slug)


def remove(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then remove; everyone may leave the team themselves."""
    membership = get_object_or_404(request.team.memberships.select_related("user"), pk=pk)
    leaving = membership.user == request.user
    if not leaving:
        access.check(request, "members.change")
    made = teams.live_tokens(membership, timezone.now()).count()
    if request.method == "POST":
        change = partial(teams.remove, revoke_tokens=request.POST.get("tokens") != "keep")
        gone = apply_change(
            request,
            change,
            membership,
            done=gettext("{user} is no longer in {team}.").format(user=membership.user, team=request.team),
        )
        return redirect("home") if leaving and gone else redirect("team", request.team.slug)
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("Leave {team}?").format(team=request.team)
            if leaving
            else gettext("Remove {user}?").format(user=membership.user),
            "text": (
                gettext(
                    "Access to this team ends immediately, and so do invitations that they sent. Pools and jobs of "
                    "the team are not affected."
                )
            ),
            "choice": tokens_choice(made) if made else None,
            "verb": gettext("Leave") if leaving else gettext("Remove"),
            "back": reverse("team", args=[request.team.slug]),
        },
    )


def tokens_choice(count: int) -> dict[str, object]:
    """What becomes of API tokens that the person made: radio buttons for confirm.html, the first one chosen."""
    revoke = ngettext(
        "Revoke the API token that they created. Scripts that use it stop working immediately.",
        "Revoke the {count} API tokens that they created. Scripts that use them stop working immediately.",
        count,
    )
    keep = ngettext(
        "Keep the API token. Anyone who has it can still use it.",
        "Keep the {count} API tokens. Anyone who has them can still use them.",
        count,
    )
    return {
        "name": "tokens",
        "options": [
            ("revoke", revoke.format(count=count)),
            ("keep", keep.format(count=count)),
        ],
    }


def apply_change(
    request: TeamRequest, change: Callable[..., object], membership: Membership, *rest: object, done: str
) -> bool:
    """Change a membership and show a message about the result. True if it was done."""
    try:
        change(membership, *rest, actor_of(request), timezone.now())
    except teams.NotAllowed as error:
        messages.error(request, str(error))
        return False
    messages.success(request, done)
    return True


def actor_of(request: TeamRequest) -> Membership:
    """The membership of the request's user."""
    return request.team.memberships.select_related("user").get(user=request.user)
