"""The pages of one's own account, as allauth serves them through our templates."""

import time
from pathlib import Path

import allauth
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.urls import reverse

from tests.builders import a_membership, a_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEW_ADDRESS = {"action_add": "", "email": "ana@new.example"}
THEIRS = Path(allauth.__file__).parent / "templates"
OURS = Path(__file__).parents[2] / "templates"
REDIRECTS = {"socialaccount": {"login_redirect"}}  # seen for a moment, without a word


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
    "mfa_list_webauthn",
    "mfa_generate_recovery_codes",
    "usersessions_list",
    "socialaccount_connections",
    "socialaccount_login_cancelled",
    "account_inactive",
    "account_password_reset_completed",
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
    assert "the current code from your authenticator app" in answer.text
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
    change_address(client, mailoutbox)
    client.user.refresh_from_db()
    assert client.user.email == "ana@new.example" and client.user.sign_in_changed_at


def change_address(client, mailoutbox):
    client.post(reverse("account_email"), NEW_ADDRESS)
    assert mailoutbox[-1].to == ["ana@new.example"]
    code = mailoutbox[-1].body.split("    ")[1].split()[0]
    client.post(reverse("account_email_verification_sent"), {"code": code})


def test_a_stolen_session_changes_no_address(client, mailoutbox):
    """The password is asked for again; with it, what was asked goes on."""
    sign_in_anew(client)
    asked = client.post(reverse("account_email"), NEW_ADDRESS)
    assert asked.url.startswith(reverse("account_reauthenticate")) and mailoutbox == []
    client.post(asked.url, {"password": "a guess"})
    assert client.post(reverse("account_email"), NEW_ADDRESS).status_code == 302 and mailoutbox == []
    client.post(asked.url, {"password": PASSWORD, "next": reverse("account_email")})
    assert mailoutbox[-1].to == ["ana@new.example"]


def sign_in_anew(client):
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": client.user.email, "password": PASSWORD})


# allauth's pages that nobody gets here: by link, telephone, login code, passkey sign-up, trusted browsers, open doors
UNSEEN = {
    "account": [
        *("email", "email_confirm", "confirm_login_code", "confirm_phone_verification_code", "phone_change"),
        *("request_login_code", "signup_by_passkey", "signup_closed", "verification_sent"),
        *("verified_email_required", "password_reset_done"),
    ],
    "mfa": ["trust", "webauthn/signup_form"],
}


@pytest.mark.parametrize("app", ["account", "mfa", "socialaccount", "usersessions"])
def test_every_page_of_an_account_is_in_our_words(app):
    theirs = {
        str(path.relative_to(THEIRS / app).with_suffix(""))
        for path in (THEIRS / app).rglob("*.html")
        if not path.name.startswith("base") and "snippets" not in path.parts
    }
    ours = {str(path.relative_to(OURS / app).with_suffix("")) for path in (OURS / app).rglob("*.html")}
    assert theirs - ours == set(UNSEEN.get(app, [])) | REDIRECTS.get(app, set())


@pytest.mark.django_db(transaction=True)
def test_a_change_of_how_one_signs_in_is_mailed(client, mailoutbox):
    activate(client)
    client.user.refresh_from_db()
    assert client.user.sign_in_changed_at
    assert mailoutbox[0].subject == "An authenticator app was added"
    assert "If it was not you" in mailoutbox[0].body


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_fails_undoes_no_change(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    activate(client)
    assert Authenticator.objects.filter(user=client.user, type="totp").exists()
