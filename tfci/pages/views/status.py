"""How long jobs waited of late, and whether all works."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from runners.jobs import timeline, wait_stats
from runners.models import VM
from tfci.pages import rates, system_status
from tfci.pages.cache import cached

SPANS = {"day": ("24 hours", timedelta(days=1)), "week": ("7 days", timedelta(days=7))}
VMS = 50  # whose engines are asked for their versions


@login_not_required
def status(request: HttpRequest) -> HttpResponse:
    """Over all teams; ?span= day or week. All of it is at most a minute old."""
    span = request.GET.get("span")
    span = span if span in SPANS else "day"
    now = timezone.now()
    signs = cached("signs", lambda: system_status.all_of(now))
    shown = cached(f"record:{span}", lambda: wait_stats.measure(now - SPANS[span][1]))
    context = {
        "spans": SPANS,
        "span": span,
        "signs": signs,
        "ill": [sign for sign in signs if sign.well is False],
        "record": shown,
        "phases": [
            (name, owner, shown.phases.get(name))
            for name, owner in timeline.OWNERS.items()
            if name != "completed"
        ],
        "longest": max((figures.p95 for figures in shown.phases.values()), default=timedelta()),
        "fewest": wait_stats.MIN_JOBS,
        "teams": wait_stats.MIN_TEAMS,
        "version": settings.VERSION,
        "engines": cached("engines", engines),
        "made_up": rates.made_up(),
    }
    return render(request, "site/status.html", context)


def engines() -> dict[str, list[str]]:
    """The versions of each engine in the newest VMs."""
    found: dict[str, set[str]] = {}
    for reported in VM.objects.exclude(engines={}).order_by("-pk").values_list("engines", flat=True)[:VMS]:
        for name, version in reported.items():
            found.setdefault(name, set()).add(version)
    return {name: sorted(versions) for name, versions in sorted(found.items())}
