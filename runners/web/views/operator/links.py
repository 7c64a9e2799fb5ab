"""All links of all teams, and how well each is heard of."""

from django.shortcuts import render
from django.utils import timezone

from runners.connections import health
from tfci.accounts.access import operator
from tfci.core import paging
from tfci.forges import registry
from tfci.forges.models import LinkedOrg


@operator
def links(request):
    """Newest first; with ?show=trouble those alone that somebody has to mend."""
    now, asked = timezone.now(), request.GET.get("show", "")
    linked = LinkedOrg.objects.filter(unlinked_at=None).select_related("team")
    if asked == "trouble":
        linked = linked.exclude(trouble="")
    page = paging.page(health.counted(linked, now), request.GET)
    known = health.facts(page.items, now)
    rows = [_row(org, known[org.pk], now) for org in page.items]
    return render(request, "operator/links.html", {"page": page, "rows": rows, "asked": asked})


def _row(org: LinkedOrg, known: health.Facts, now) -> dict:
    signs = health.signs(org, known, now)
    look, word = health.word(org, signs)
    return {
        "org": org,
        "kind": registry.kind(org.forge).title,
        "known": known,
        "look": look,
        "word": word,
        "wrong": [sign for sign in signs if sign.look in ("failure", "queued")],
    }
