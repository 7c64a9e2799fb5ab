"""The operator's terms and privacy policy."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from tfci.pages import legal


@login_not_required
def page(request: HttpRequest, name: str) -> HttpResponse:
    """`terms` or `privacy`; 404 where the operator has provided no text."""
    found = legal.document(name)
    if found is None:
        raise Http404(gettext("The operator of this site has not published this page."))
    document, changed_at = found
    return render(request, "site/legal.html", {"page": document, "changed_at": changed_at})
