"""Where one is signed in, and ending that."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from tfci.accounts import sign_ins as sessions
from tfci.accounts.requests import SignedInRequest


def sign_ins(request: SignedInRequest) -> HttpResponse:
    """The list; sending its form ends all others."""
    if request.method == "POST":
        sessions.end(others(request))
        messages.success(request, gettext("All other sessions are ended."))
        return redirect("usersessions_list")
    found = sessions.open_sessions(request.user, request.session.session_key, timezone.now())
    return render(request, "usersessions/usersession_list.html", {"sign_ins": found})


def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, then end one; the present one ends by signing out."""
    row = get_object_or_404(others(request), pk=pk)
    if request.method == "POST":
        sessions.end([row])
        messages.success(request, gettext("The session is ended."))
        return redirect("usersessions_list")
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("End the session of {browser}?").format(
                browser=sessions.browser(row.user_agent)
            ),
            "text": gettext("It is from {ip}. If it was not you, also change your password.").format(
                ip=row.ip
            ),
            "verb": gettext("End session"),
            "back": reverse("usersessions_list"),
        },
    )


def others(request: SignedInRequest) -> QuerySet[UserSession]:
    return UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
