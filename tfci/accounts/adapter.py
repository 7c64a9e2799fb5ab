"""Our changes of allauth: everyone gets a team, their own or the one they were invited to; and guessing passwords
locks nobody else out."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext_lazy

from tfci.accounts import invitations, sign_ins, sign_up, teams
from tfci.accounts.address_ranges import network
from tfci.accounts.models import Team, User
from tfci.accounts.requests import SignedInRequest, SiteRequest
from tfci.core.optional import present

log = structlog.get_logger()
ANYWHERE = {"app": "allauth.account", "action": "login_failed_anywhere"}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts_anywhere": (
            gettext_lazy(
                "Too many wrong passwords were entered for this email address. Choose “Forgot your password?” to "
                "sign in with a code by email, or try again in an hour."
            )
        )
    }

    _anywhere = None  # what this sign-in used of that limit, until its password turns out right

    @transaction.atomic
    def save_user(self, request: SiteRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """The person and, once they are a row, their first team."""
        user = super().save_user(request, user, form, commit)
        if commit:
            first_team(user, request.POST.get(REDIRECT_FIELD_NAME, ""))
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        """Their address is confirmed by now, which other apps wait for."""
        super().login(request, user)
        teams.signed_in.send(type(user), user=user, now=timezone.now())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: str) -> str:
        """Wrong passwords for an account are counted for each network apart: who shares none with the account's owner
        can't lock them out there. A network, for a stranger may have as many IPv6 addresses as they like."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key} from {network(self.get_client_ip(request))}"

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """And over all networks together, 1,000 an hour, so that many of them can't guess on. One network has 60 an
        hour, so 17 must join to reach that; whoever is signed in from a network may still go on from there, and a code
        by email (a new password) lets in and ends the count."""
        super().pre_authenticate(request, **credentials)
        email = _email(credentials)
        if sign_ins.known_from(email, self.get_client_ip(request), timezone.now()):
            return
        self._anywhere = ratelimit.consume(request, key=email, **ANYWHERE)
        if not self._anywhere:
            self._rollback_login_failed_rl_usage()
            raise self.validation_error("too_many_login_attempts_anywhere")

    def _rollback_login_failed_rl_usage(self) -> None:
        """A right password counts in neither."""
        super()._rollback_login_failed_rl_usage()
        if self._anywhere:
            self._anywhere.rollback()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: str) -> None:
        """Whoever has just entered the code from their mailbox starts afresh in both."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        ratelimit.clear(request, key=_email(credentials), **ANYWHERE)

    def send_notification_mail(
        self, template_prefix: str, user: User, *args: object, **kwargs: object
    ) -> None:
        """That something about their sign-in changed. It has changed, whether or not the mail server takes it."""
        User.objects.filter(pk=user.pk).update(sign_in_changed_at=timezone.now())
        try:
            super().send_notification_mail(template_prefix, user, *args, **kwargs)
        except OSError as error:
            log.warning("notice_not_mailed", about=template_prefix, error=type(error).__name__)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": gettext_lazy("Choose a password first. Otherwise you could no longer sign in.")
    }

    def pre_social_login(self, request: SignedInRequest, sociallogin: SocialLogin) -> None:
        """An account made by a forge's sign-in counts against its network's limit too."""
        new = not sociallogin.is_existing and not request.user.is_authenticated
        if new and not sign_up.may_sign_up(request):
            raise ImmediateHttpResponse(ratelimit.respond_429(request))

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: BaseForm | None = None) -> User:
        """The same for sign-ups with a forge; with a form, the adapter above has done it."""
        user = super().save_user(request, sociallogin, form)
        if form is None:
            first_team(user, sociallogin.state.get("next") or "")
        return user


def _email(credentials: Mapping[str, str]) -> str:
    return credentials.get("email", "").lower()


def first_team(user: User, heading_for: str) -> None:
    """A team of their own, unless they head for the page of an invitation."""
    now = timezone.now()
    if not leads_to_a_team(heading_for, now):
        teams.begin(own_team(user), user, now)


def own_team(user: User) -> str:
    """The name of a person's first team: theirs, cut where a team's name has no room for it."""
    ending = "'s team"
    longest = present(Team._meta.get_field("name").max_length)
    return user.called[: longest - len(ending)] + ending


def leads_to_a_team(address: str, now: datetime) -> bool:
    """Whether that is the address of an open invitation."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return False
    return match.url_name == "join" and invitations.find(match.kwargs["token"], now) is not None
