"""A team's own twin: what it holds, what it pays, and its words, which go in and never come out."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from billing import own_twins, price_parts, quotes
from billing.cashier import practice_wallet
from billing.own_twins import Rejected, Twin
from billing.twin_rules import room
from runners.jobs.labels import NAMED
from runners.metering import charges
from runners.queue import nudges
from runners.vms import own_twins as vms_of_twin
from runners.web.forms import OwnTwinForm
from tfci.accounts.access import may, requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.accounts.second_factor import asked_again
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid import registry
from tfci.grid.ports import MIN_BALANCE, GridError

DAYS = timedelta(days=14)  # of bills that the page shows
PRACTICE = Tft(10_000 * UNIT)  # play money of an account that is made at a click


@requires("spend.read")
def own_twin(request: TeamRequest) -> HttpResponse:
    """What the account holds and pays; without one, what it takes and what it risks."""
    twin = own_twins.of_team(request.team)
    context = {
        "twin": twin,
        "network": registry.network(),
        "minimum": MIN_BALANCE,
        "may_change": may(request.role, "funds.twin"),
        **(_holdings(request.team, twin) if twin else {}),
    }
    return render(request, "runners/own_twin/page.html", context)


def _holdings(team: Team, twin: Twin) -> dict[str, object]:
    now = timezone.now()
    runway, at = charges.own_runway(twin, now), quotes.prices(registry.network())
    held = Tft((twin.usable or 0) + (twin.stash or 0))
    return {
        "is_used": own_twins.is_used(twin),
        "left": max(Tft(), room.room(twin.usable)),
        "per_hour": runway.per_hour,
        "time_left": runway.time_left,
        "levels": price_parts.discount_levels(held, at, NAMED) if at else [],
        "days": own_twins.days(twin, team, now - DAYS, team.zone),
        "blocked": vms_of_twin.blocked(twin),
    }


@never_cache
@sensitive_post_parameters("words")
@requires("funds.twin")
@asked_again
def words(request: TeamRequest) -> HttpResponse:
    """The form. Words that won't do change nothing, and the page says what would."""
    form = OwnTwinForm(request.POST if request.method == "POST" else None)
    rejected: Rejected | None = None
    if request.method == "POST" and form.is_valid():
        try:
            nudges.follow(
                vms_of_twin.enter(request.team, form.cleaned_data["words"], request.user, timezone.now())
            )
        except GridError as error:
            text = gettext("The account could not be checked: {error} Try again in a minute.")
            form.add_error(None, text.format(error=error))
        except Rejected as error:
            rejected = error
        else:
            messages.success(request, gettext("New VMs of this team run on its own twin."))
            return redirect("own_twin", request.team.slug)
    return _form(request, form, rejected)


@never_cache
@sensitive_variables("made")
@require_POST
@requires("funds.twin")
@asked_again
def practice_account(request: TeamRequest) -> HttpResponse:
    """An account of play money, whose words are shown once, to be entered as those of any other."""
    if not practice_wallet.available():
        raise Http404(gettext("There is no practice wallet here."))
    form = OwnTwinForm()
    try:
        made = practice_wallet.open_account(PRACTICE)
    except GridError as error:
        messages.error(request, str(error))
        return redirect("own_twin_words", request.team.slug)
    return _form(request, form, made=made)


def _form(
    request: TeamRequest, form: OwnTwinForm, rejected: Rejected | None = None, made: Secret | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "twin": own_twins.of_team(request.team),
        "rejected": rejected.reasons if rejected else (),
        "network": registry.network(),
        "minimum": MIN_BALANCE,
        "practices": practice_wallet.available(),
        "made": made.reveal() if made else "",
    }
    status = 422 if form.errors or rejected else 200
    return render(request, "runners/own_twin/words.html", context, status=status)


@require_POST
@requires("funds.twin")
def use(request: TeamRequest) -> HttpResponse:
    nudges.follow(vms_of_twin.use(request.team, request.user, timezone.now()))
    messages.success(request, gettext("New VMs of this team run on its own twin."))
    return redirect("own_twin", request.team.slug)


@require_POST
@requires("funds.twin")
def stop_using(request: TeamRequest) -> HttpResponse:
    nudges.follow(vms_of_twin.stop_using(request.team, request.user, timezone.now()))
    messages.success(request, gettext("New VMs of this team are paid for from its balance."))
    return redirect("own_twin", request.team.slug)


@requires("funds.twin")
def remove(request: TeamRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            vms_of_twin.remove(request.team, request.user, timezone.now())
        except Rejected as error:
            for reason in error.reasons:
                messages.error(request, f"{reason} {reason.advice}")
        else:
            messages.success(request, gettext("The words were removed. The account and its TFT stay yours."))
        return redirect("own_twin", request.team.slug)
    question = {
        "title": gettext("Remove the words of the team’s own twin?"),
        "text": gettext("New VMs are then paid for from the team’s balance. The account keeps its TFT."),
        "verb": gettext("Remove words"),
    }
    back = {"back": reverse("own_twin", args=[request.team.slug])}
    return render(request, "confirm.html", question | back)
