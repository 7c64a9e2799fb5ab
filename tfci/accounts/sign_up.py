"""The sign-up form: allauth's, with a daily limit for a network, and with the same duration for a known address."""

import secrets
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from allauth.account.utils import setup_user_email
from allauth.core import context, ratelimit
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from tfci.accounts.address_ranges import network
from tfci.accounts.models import User

TOO_MANY = gettext_lazy(
    "Too many accounts were created from your network today. Try again tomorrow, or ask the operator to raise "
    "the limit."
)


def may_sign_up(request: HttpRequest) -> bool:
    """Count one account more of a client's network; False where it had as many as the setting allows in 24 hours."""
    key = network(get_adapter().get_client_ip(request))
    return ratelimit.consume(request, action="sign_up_range", key=key)


class SignUpForm(SignupForm):
    """Only the mail shows whether an address has an account: not the answer, nor its duration."""

    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not may_sign_up(context.request):
            raise ValidationError(TOO_MANY, code="too_many")
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            self._create_and_roll_back(request)
        return super().try_save(request)

    def _create_and_roll_back(self, request: HttpRequest) -> None:
        """Do all that a new account takes, for an address that nobody has, and undo it."""
        data = self.cleaned_data
        self.cleaned_data = {**data, "email": f"{secrets.token_hex(16)}@example.invalid"}
        try:
            with transaction.atomic():
                adapter = get_adapter()
                user = adapter.save_user(request, adapter.new_user(request), self)
                setup_user_email(request, user, [])
                transaction.set_rollback(True)
        finally:
            self.cleaned_data = data
