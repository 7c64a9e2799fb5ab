"""What is protected, from whom, and what is not."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tfci.pages import claims, rates


@login_not_required
def security(request: HttpRequest) -> HttpResponse:
    """The table of data/security.toml."""
    context = {"made_up": rates.made_up(), **claims.read("security")}
    return render(request, "site/security.html", context)
