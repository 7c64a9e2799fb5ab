"""The pages of one's own account, as allauth serves them through our templates."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.urls import reverse

from tests.builders import a_membership, a_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def client(client):
    """Signed in, and asked for the password once more, as allauth does before it changes how one signs in."""
    cache.clear()
    user = a_user("ana@example.org", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    a_membership(user=user, role="owner")
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.user = user
    return client


PAGES = [
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "usersessions_list",
    "socialaccount_connections",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_account_is_shown_and_has_no_inline_style(client, page):
    answer = client.get(reverse(page))
    assert answer.status_code == 200
    assert "style=" not in answer.text
    assert answer.text.count("<h1") == 1


def activate(client):
    """Switch the authenticator app on, and return its secret."""
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    return secret


def code_of(secret, later=0):
    """The app's code; `later` steps of 30 seconds on, for a code works once and clocks may differ by a step."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def test_an_authenticator_app_is_asked_for_at_the_next_sign_in(client):
    secret = activate(client)
    client.post(reverse("account_logout"))
    answer = client.post(
        reverse("account_login"), {"login": client.user.email, "password": PASSWORD}, follow=True
    )
    assert "authenticator code" in answer.text
    assert client.get(reverse("profile")).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret, later=1)})
    assert client.get(reverse("profile")).status_code == 200


def test_a_recovery_code_stands_in_for_the_app(client):
    activate(client)
    codes = Authenticator.objects.get(user=client.user, type="recovery_codes").wrap().get_unused_codes()
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": client.user.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert client.get(reverse("profile")).status_code == 200


def test_an_address_is_changed_by_the_code_mailed_to_the_new_one(client, mailoutbox):
    client.post(reverse("account_email"), {"action_add": "", "email": "ana@new.example"})
    assert mailoutbox[-1].to == ["ana@new.example"]
    code = mailoutbox[-1].body.split("    ")[1].split()[0]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    client.user.refresh_from_db()
    assert client.user.email == "ana@new.example"


def test_other_sessions_are_signed_out(client):
    other = type(client)()
    other.post(reverse("account_login"), {"login": client.user.email, "password": PASSWORD})
    assert other.get(reverse("profile")).status_code == 200
    client.post(reverse("usersessions_list"))
    assert other.get(reverse("profile")).status_code == 302
