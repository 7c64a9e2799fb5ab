"""The catalogue of apps; one of them, and whether it runs here; and the form that deploys it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from billing import pricing, quotes
from runners.jobs.labels import Size
from runners.queue import nudges
from runners.servers import catalogue, reconcile
from runners.servers.catalogue.apps import App
from runners.web.forms import ServerForm
from runners.web.views.nodes import picker
from tfci.accounts.access import may, requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.models import Node


@requires("servers.read")
def apps(request: TeamRequest) -> HttpResponse:
    """All of them, each with why it can't be deployed here, where it can't."""
    rows = [(app, reconcile.obstacle(app)) for app in catalogue.all_apps()]
    return render(request, "runners/servers/apps.html", {"rows": rows})


@requires("servers.read")
def app(request: TeamRequest, slug: str) -> HttpResponse:
    found = _found(slug)
    context = {
        "app": found,
        "obstacle": reconcile.obstacle(found),
        "costs": costs(found, request.team),
        "may_deploy": may(request.role, "servers.change"),
    }
    return render(request, "runners/servers/app.html", context)


@requires("servers.change")
def deploy(request: TeamRequest, slug: str) -> HttpResponse:
    """The form; then the server, whose VM is wanted at once. One that can't run here is told on the app's page."""
    found = _found(slug)
    if reconcile.obstacle(found):
        return redirect("app", request.team.slug, slug)
    form = ServerForm(request.team, found, request.POST or None, initial={"name": slug})
    place = request.POST.get("place", "")
    searches = bool(request.htmx) or "search" in request.POST or ("enter" in request.POST and bool(place))
    if request.method == "POST" and not searches and form.is_valid():
        try:
            made = reconcile.create(form.server(), found, form.answers(), request.user, timezone.now())
        except reconcile.ServerNameTaken:
            form.add_error("name", gettext("A server with this name already exists. Choose another name."))
        else:
            nudges.keep_server(made.pk)
            messages.success(request, gettext("{server} is being deployed.").format(server=made.name))
            return redirect("server", request.team.slug, made.pk)
    places = picker.places(Node.objects.filter(network=registry.network()), form, place)
    context = {"app": found, "form": form, "costs": costs(found, request.team), "places": places}
    return render(
        request,
        "runners/pools/where.html#places" if request.htmx else "runners/servers/app_deploy.html",
        context,
    )


def _found(slug: str) -> App:
    found = catalogue.find(slug)
    if found is None:
        raise Http404(gettext("This app is not in the catalog."))
    return found


def costs(app: App, team: Team) -> list[tuple[str, Tft | None, Tft | None]]:
    """Each of its sizes with what it costs an hour and a month, on a node that is not certified; None where no price
    was read."""
    at = quotes.prices(registry.network(), team.pk)
    rows = [
        (size, quotes.per_hour(Size.parse(size), at, certified=False) if at else None) for size in app.sizes
    ]
    return [(str(Size.parse(size)), hour, Tft(hour * pricing.MONTH) if hour else None) for size, hour in rows]
