"""What we add to allauth's sign-up: nobody lands without a team."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.db import transaction
from django.utils import timezone

from tfci.accounts import teams


class AccountAdapter(DefaultAccountAdapter):
    @transaction.atomic
    def save_user(self, request, user, form, commit=True):
        """The person and, once they are a row, their first team."""
        user = super().save_user(request, user, form, commit)
        if commit:
            first_team(user)
        return user


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    @transaction.atomic
    def save_user(self, request, sociallogin, form=None):
        """The same for who signs up with a code host; with a form, the adapter above has done it."""
        user = super().save_user(request, sociallogin, form)
        if form is None:
            first_team(user)
        return user


def first_team(user):
    return teams.found(f"{user.called}'s team", user, timezone.now())
