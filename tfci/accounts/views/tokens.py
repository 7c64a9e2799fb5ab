"""API tokens of a team."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from tfci.accounts import tokens
from tfci.accounts.access import requires
from tfci.accounts.forms import TokenForm
from tfci.accounts.models import Token
from tfci.accounts.requests import TeamRequest

SOON = timedelta(days=7)  # before its end a token is marked


@never_cache
@requires("tokens.make")
def all_tokens(request: TeamRequest) -> HttpResponse:
    """The live tokens and the form for one more; the answer to the form is the only page that shows a token."""
    form, secret, now = TokenForm(request.POST or None), None, timezone.now()
    if request.method == "POST" and form.is_valid():
        secret = tokens.make(request.team, **form.cleaned_data, by=request.user, now=now)[1]
        form = TokenForm()
    live = Token.objects.of(request.team).filter(revoked_at=None).select_related("created_by").order_by("-pk")
    return render(
        request,
        "accounts/tokens.html",
        {
            "form": form,
            "tokens": live,
            "made": secret.reveal() if secret else "",
            "now": now,
            "soon": now + SOON,
        },
    )


@requires("tokens.make")
def revoke(request: TeamRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(Token.objects.of(request.team), pk=pk)
    if request.method == "POST":
        if tokens.revoke(token, request.user, timezone.now()):
            messages.success(
                request,
                gettext("The token {token} is revoked. Scripts that use it no longer work.").format(
                    token=token.name
                ),
            )
        return redirect("tokens", request.team.slug)
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("Revoke the token {token}?").format(token=token.name),
            "text": (
                gettext(
                    "Scripts that use {prefix}… stop working immediately. This can't be undone. You can create a "
                    "new token."
                ).format(prefix=token.prefix)
            ),
            "verb": gettext("Revoke token"),
            "back": reverse("tokens", args=[request.team.slug]),
        },
    )
