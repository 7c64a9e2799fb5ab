"""Public SSH keys that one keeps, for debug access."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from tfci.accounts import ssh_keys as keys
from tfci.accounts.forms import SSHKeyForm
from tfci.accounts.requests import SignedInRequest


def ssh_keys(request: SignedInRequest) -> HttpResponse:
    """The list, and the form for one more; `?next=` is the page that wants one."""
    form = SSHKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(request, form):
        return redirect(_next(request))
    return render(
        request, "accounts/ssh_keys.html", {"form": form, "keys": request.user.ssh_keys.order_by("pk")}
    )


def _next(request: HttpRequest) -> str:
    """Of this site alone; else the list."""
    wanted = request.GET.get("next", "")
    own = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
    return wanted if own else reverse("ssh_keys")


def _added(request: SignedInRequest, form: SSHKeyForm) -> bool:
    """Whether it is kept now; else the form says why not."""
    try:
        made = keys.add(request.user, form.cleaned_data["key"], form.cleaned_data["name"], timezone.now())
    except keys.InvalidKey as error:
        form.add_error("key", str(error))
        return False
    messages.success(request, gettext("The key {key} is added.").format(key=made.name))
    return True


def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, then forget it. What it opens already stays open."""
    key = get_object_or_404(request.user.ssh_keys, pk=pk)
    if request.method == "POST":
        key.delete()
        messages.success(request, gettext("The key {key} is removed.").format(key=key.name))
        return redirect("ssh_keys")
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("Remove the key {key}?").format(key=key.name),
            "text": (
                gettext(
                    "{fingerprint} can no longer open VMs. Debug access that is already open keeps the key until "
                    "it ends."
                ).format(fingerprint=key.fingerprint)
            ),
            "verb": gettext("Remove key"),
            "back": reverse("ssh_keys"),
        },
    )
