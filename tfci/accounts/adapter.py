"""What we add to allauth's sign-up: nobody lands without a team, their own or the one they were invited to."""

from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils import timezone

from tfci.accounts import invitations, teams

log = structlog.get_logger()


class AccountAdapter(DefaultAccountAdapter):
    @transaction.atomic
    def save_user(self, request, user, form, commit=True):
        """The person and, once they are a row, their first team."""
        user = super().save_user(request, user, form, commit)
        if commit:
            first_team(user, request.POST.get(REDIRECT_FIELD_NAME, ""))
        return user

    def send_notification_mail(self, template_prefix, user, *args, **kwargs):
        """That something about their sign-in changed. It has changed, whether or not the mail server takes it."""
        try:
            super().send_notification_mail(template_prefix, user, *args, **kwargs)
        except OSError as error:
            log.warning("notice_not_mailed", about=template_prefix, error=type(error).__name__)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": "Choose a password first: without this you could sign in no more."
    }

    @transaction.atomic
    def save_user(self, request, sociallogin, form=None):
        """The same for who signs up with a code host; with a form, the adapter above has done it."""
        user = super().save_user(request, sociallogin, form)
        if form is None:
            first_team(user, sociallogin.state.get("next") or "")
        return user


def first_team(user, heading_for):
    """A team of their own, unless they head for the page of an invitation."""
    now = timezone.now()
    if not leads_to_a_team(heading_for, now):
        teams.found(f"{user.called}'s team", user, now)


def leads_to_a_team(address, now):
    """Whether that is the address of an open invitation."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return False
    return match.url_name == "join" and invitations.find(match.kwargs["token"], now) is not None
