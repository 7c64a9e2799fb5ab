"""What the accounts' pages do in a real browser, with and without JavaScript; test_looks.py sees each page."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import NOON, a_membership, a_team, a_user
from tests.people import client_of
from tfci.accounts import tokens

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

REFUSE = """() => {
    navigator.credentials.get = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""
PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def team():
    team = a_team("Kestrel Labs")
    a_membership(team)
    tokens.make(team, "deploy", "read", None, NOON)
    return team


def address(page, team):
    return reverse(page, args=[team.slug])


def test_a_dialog_asks_before_a_token_is_revoked(open_page, team):
    page = open_page(client_of("owner", team), address("tokens", team))
    page.click("text=Revoke")
    dialog = page.locator("#dialog")
    dialog.get_by_text("Revoke the token deploy?").wait_for()
    page.click("text=Cancel")
    assert not dialog.is_visible()
    page.click("text=Revoke")
    dialog.get_by_role("button", name="Revoke").click()
    page.get_by_text("The token deploy is revoked.").wait_for()


def test_without_javascript_the_same_question_is_a_page(open_page, team):
    page = open_page(client_of("owner", team), address("tokens", team), java_script_enabled=False)
    page.click("text=Revoke")
    page.get_by_role("heading", name="Revoke the token deploy?").first.wait_for()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("The token deploy is revoked.").wait_for()


def test_a_passkey_signs_in_without_a_password(open_page, team):
    client = client_of("owner", team)
    client.user.set_password("correct horse battery")
    client.user.save()
    client.user.emailaddress_set.create(email=client.user.email, verified=True, primary=True)
    page = open_page(Client(), reverse("account_login"))
    give_authenticator(page)
    page.fill("[name=login]", client.user.email)
    page.fill("[name=password]", "correct horse battery")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/t/**")
    page.goto(address_of(page, "mfa_add_webauthn"))
    page.fill("[name=password]", "correct horse battery")
    page.get_by_role("button", name="Confirm").click()
    page.fill("[name=name]", "laptop")
    page.get_by_label("Use it to sign in without a password").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/")  # they come with the first key
    page.goto(address_of(page, "account_logout"))
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.goto(address_of(page, "account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/t/**")


def test_a_passkey_that_fails_is_told_in_words(open_page, team):
    page = open_page(Client(), reverse("account_login"))
    page.evaluate(REFUSE)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("alert").get_by_text("Your device did not confirm.").wait_for()


def test_without_javascript_no_button_waits_for_a_passkey(open_page, team):
    page = open_page(Client(), reverse("account_login"), java_script_enabled=False)
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()


def test_a_colleague_joins_by_keyboard_and_without_javascript(open_page, team):
    kofi = a_user("kofi@example.org", password="correct horse battery")
    kofi.emailaddress_set.create(email=kofi.email, verified=True, primary=True)
    owner = open_page(client_of("owner", team), address("invite", team), java_script_enabled=False)
    owner.get_by_label("Email address").focus()
    owner.keyboard.type("kofi@example.org")
    owner.keyboard.press("Enter")
    link = owner.locator(".fh-copy code").inner_text()
    page = open_page(Client(), link[link.index("/join/") :], java_script_enabled=False, **PHONE)
    page.get_by_role("link", name="Sign in to join").press("Enter")
    page.get_by_label("Email").fill("kofi@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Join team").press("Enter")
    page.get_by_text("Welcome to Kestrel Labs. Your role is member.").wait_for()


def give_authenticator(page):
    """A device in the browser that holds passkeys and always says yes."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    traits = dict.fromkeys(
        ["hasResidentKey", "hasUserVerification", "isUserVerified", "automaticPresenceSimulation"], True
    )
    options = {"protocol": "ctap2", "transport": "internal", **traits}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def address_of(page, name):
    return page.evaluate("location.origin") + reverse(name)


def test_a_chosen_theme_is_kept(open_page, team):
    page = open_page(client_of("owner", team), address("team", team), color_scheme="light")
    page.get_by_role("button", name="Switch between light and dark").first.click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_the_first_tab_stop_skips_to_the_content(open_page, team):
    page = open_page(client_of("owner", team), address("team", team))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
