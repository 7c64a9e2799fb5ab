"""A person's profile: name and time zone. The rest of an account is allauth's."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from tfci.accounts.forms import ProfileForm
from tfci.accounts.requests import SignedInRequest


def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, gettext("Your profile is saved."))
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form})
