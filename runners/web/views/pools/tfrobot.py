"""Pools to and from configurations of tfrobot."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from runners.pools import changes
from runners.pools.tfrobot import exchange, writer
from runners.queue import nudges
from runners.web.forms import RobotForm
from runners.web.views.pools.pages import open_pools
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest


@requires("pools.change")
def take(request: TeamRequest) -> HttpResponse:
    """A configuration as pools: first what became of each key, and on a second word the pools."""
    form = RobotForm(request.team, request.POST or None, request.FILES or None)
    sound = request.method == "POST" and form.is_valid()
    if sound and "make" in request.POST and _made(request, form):
        return redirect("pools", request.team.slug)
    context = {"form": form, "drafts": form.drafts if sound else [], "report": form.report}
    return render(request, "runners/pools/tfrobot.html", context)


def _made(request: TeamRequest, form: RobotForm) -> bool:
    try:
        effects = exchange.make(form.drafts, request.user, timezone.now())
    except changes.PoolNameTaken:
        form.add_error("name", gettext("A pool with this name already exists. Choose another name."))
        return False
    nudges.follow(effects)
    names = ", ".join(draft.pool.name for draft in form.drafts)
    text = ngettext(
        "{names} is created. It takes jobs from now on.",
        "{names} are created. They take jobs from now on.",
        len(form.drafts),
    )
    messages.success(request, text.format(names=names))
    return True


@requires("pools.read")
def give(request: TeamRequest, pk: int) -> HttpResponse:
    """A pool as a file that tfrobot takes."""
    pool = get_object_or_404(open_pools(request.team), pk=pk)
    try:
        text = exchange.exported(pool)
    except writer.Impossible as error:
        messages.error(request, str(error))
        return redirect("pool", request.team.slug, pool.pk)
    name = f"{writer.group_name(pool.name)}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)
