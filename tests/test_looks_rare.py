"""Pages that tests/rights.py can't name: what went wrong, what stands behind a second factor or a password that was
just typed, and what is there only for those who ask. They keep what tests/test_looks.py asks of every page."""

import time
from hashlib import sha256

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tests.browser import chromium
from tests.builders import a_user
from tests.screens.served import ASKED, Visit, browser_of, served, window
from tests.test_looks import QUERIES, WIDE, check_that_it_is_for_everybody, check_that_it_is_light_and_strict

__all__ = ["browser_of", "chromium", "served", "window"]
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("looks")]

PASSWORD = "correct horse battery"  # noqa: S105  it protects nothing
FAULTS = [
    ("nobody", "/no/such/page/", 404),
    ("viewer", "/no/such/page/", 404),
    ("viewer", "/t/night-shift/", 404),
    ("viewer", "/t/kestrel-labs/audit/", 403),
    ("nobody", "/fault/400/", 400),
    ("viewer", "/fault/403/", 403),
    ("viewer", "/fault/500/", 500),
]
# who has signed in how far, and what they see then; KEY is the number of their passkey
BEHIND = [
    ("half", "mfa_authenticate"),
    ("stale", "account_reauthenticate"),
    ("stale", "mfa_reauthenticate"),
    ("fresh", "account_change_password"),
    ("fresh", "mfa_index"),
    ("fresh", "mfa_deactivate_totp"),
    ("fresh", "mfa_view_recovery_codes"),
    ("fresh", "mfa_generate_recovery_codes"),
    ("fresh", "mfa_list_webauthn"),
    ("fresh", "mfa_edit_webauthn KEY"),
    ("fresh", "mfa_remove_webauthn KEY"),
]
QUERIES_OF = {"pool_dry_run-asked": 30}  # it asks as much as deciding and placing do
each_asked = pytest.mark.parametrize("name", ASKED)
each_fault = pytest.mark.parametrize("who, path, status", FAULTS)
each_page = pytest.mark.parametrize("who, page", BEHIND)


@pytest.fixture(scope="module")
def browsers(served, django_db_blocker):
    """By who they are. One person has all factors: `half` has typed the password, `fresh` a code and the password
    again, `stale` did so long ago."""
    with django_db_blocker.unblock():
        viewer = Client()
        viewer.force_login(served.full.team.memberships.get(role="viewer").user)
        person, secret = careful_person()
        half, fresh, stale = Client(), Client(), Client()
        for client in (half, fresh):
            client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        fresh.post(reverse("mfa_authenticate"), {"code": code})
        fresh.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        stale.force_login(person)
        yield {"nobody": Client(), "viewer": viewer, "half": half, "fresh": fresh, "stale": stale}


def careful_person():
    """With a password, an authenticator app, a passkey and recovery codes; and the app's secret."""
    person, secret = a_user("mira@kestrel.example", password=PASSWORD), generate_totp_secret()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    Authenticator.objects.create(
        user=person, type="webauthn", data={"name": "Laptop", "credential": passkey()}
    )
    return person, secret


def passkey():
    """As a browser describes one that it has just made."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(bytes(16), b"a passkey of Mira", key)
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    told = AuthenticatorData.create(sha256(b"localhost").digest(), flags, 1, made)
    asked = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    name = websafe_encode(made.credential_id)
    attested = websafe_encode(bytes(AttestationObject.create("none", told, {})))
    return {
        "id": name,
        "rawId": name,
        "type": "public-key",
        "response": {"attestationObject": attested, "clientDataJSON": websafe_encode(bytes(asked))},
        "clientExtensionResults": {"credProps": {"rk": True}},
    }


@pytest.fixture
def doors_that_break(settings):
    settings.ROOT_URLCONF = "tests.urls_with_faults"


def visit_of(client, path):
    client.raise_request_exception = False
    return Visit(path, path, client, client.cookies)


def address(page):
    name, *rest = page.split()
    return reverse(name, args=[Authenticator.objects.get(type="webauthn").pk] if rest else [])


@each_fault
def test_what_went_wrong_is_said_on_a_page_that_is_light_and_strict(
    who, path, status, browsers, doors_that_break
):
    visit = visit_of(browsers[who], path)
    assert visit.answer.status_code == status
    check_that_it_is_light_and_strict(visit)


@pytest.mark.e2e
@each_fault
def test_what_went_wrong_is_said_to_everybody(who, path, status, browsers, doors_that_break, window):
    page = window(visit_of(browsers[who], path), WIDE)
    check_that_it_is_for_everybody(page, path)
    assert page.abroad == []
    assert [
        said for said in page.mistakes if str(status) not in said
    ] == []  # a browser notes the status itself


@each_page
def test_a_page_behind_a_factor_or_a_password_is_light_and_strict(who, page, browsers):
    visit = visit_of(browsers[who], address(page))
    assert visit.answer.status_code == 200, visit.answer.headers
    check_that_it_is_light_and_strict(visit)


@pytest.mark.e2e
@each_page
def test_a_page_behind_a_factor_or_a_password_is_for_everybody(who, page, browsers, window):
    path = address(page)
    shown = window(visit_of(browsers[who], path), WIDE)
    assert shown.url.endswith(path)
    check_that_it_is_for_everybody(shown, path)
    assert (shown.mistakes, shown.abroad) == ([], [])


@each_asked
def test_a_page_that_one_asks_for_is_light_and_strict(name, served):
    visit = served.asked(name)
    assert visit.answer.status_code == 200
    check_that_it_is_light_and_strict(visit, QUERIES_OF.get(name, QUERIES))


@pytest.mark.e2e
@each_asked
def test_a_page_that_one_asks_for_is_for_everybody(name, served, window):
    visit = served.asked(name)
    page = window(visit, WIDE)
    check_that_it_is_for_everybody(page, visit.path)
    assert (page.mistakes, page.abroad) == ([], [])
