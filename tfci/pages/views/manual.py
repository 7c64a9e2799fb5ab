"""The manual in the browser, with its search."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control

from tfci.pages.manual import PICTURES, image, manual
from tfci.pages.markdown import marked
from tfci.pages.rate_limit import paced

LONGEST = 100  # characters of a query
A_MINUTE = 60  # searches of one address
DAY = 86_400


@login_not_required
@paced(A_MINUTE)
def contents(request: HttpRequest) -> HttpResponse:
    """The table of contents; with ?q= what was found."""
    book = manual()
    query = request.GET.get("q", "")[:LONGEST].strip()
    hits = [(hit, marked(hit.excerpt, hit.words)) for hit in book.index.find(query)]
    return render(request, "site/manual.html", {"book": book, "query": query, "hits": hits})


@login_not_required
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One page; 404 where docs/ has none of that name."""
    book = manual()
    if name not in book.pages:
        raise Http404(gettext("The manual has no page of that name. Its table of contents lists all."))
    shown = book.pages[name]
    before, after = book.around(name)
    context = {"book": book, "name": name, "page": shown, "before": before, "after": after}
    context["headings"] = [section for section in shown.sections if section.level == 2]
    return render(request, "site/manual_page.html", context)


@login_not_required
@cache_control(public=True, max_age=DAY)
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture that a page shows."""
    if (path := image(name)) is None:
        raise Http404(gettext("The manual has no picture of that name."))
    return HttpResponse(path.read_bytes(), content_type=PICTURES[path.suffix])
