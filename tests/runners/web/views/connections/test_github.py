"""Linking by an App of GitHub, as a browser goes: there, and back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from runners import gateways
from runners.connections import polling
from runners.gateways import Gateways
from tests.forges.app_world import AppWorld
from tests.people import client_of
from tfci.forges import registry, tokens
from tfci.forges.github_apps import app_registry
from tfci.forges.models import Connection, Installation

pytestmark = pytest.mark.django_db


@pytest.fixture
def apps(github, monkeypatch):
    made = AppWorld(github)
    clock = github.world.clock
    world = Gateways(registry.forge, None, clock.now, lambda row: app_registry.app(row, clock.seconds))
    monkeypatch.setattr(gateways, "GATEWAYS", world)
    github.world.account("ann", "User")
    github.world.account("acme", owner="ann")
    github.world.repo("acme", "app")
    return made


def left(browser, house, apps, way="github_install"):
    """The state with which a browser was sent to GitHub."""
    answer = browser.get(reverse(way, args=[house.team.slug, apps.row.pk]))
    assert answer.status_code == 302 and answer["Location"].startswith(apps.github.url)
    return parse_qs(urlsplit(answer["Location"]).query)["state"][0]


def came_back(browser, address):
    """The page after GitHub has sent the browser back."""
    parts = urlsplit(address)
    return browser.get(f"{reverse('github_back')}?{parts.query}", follow=True)


def chosen(browser, house, name):
    return browser.post(reverse("github", args=[house.team.slug]), {"name": name}, follow=True)


def installed(browser, house, apps, person="ann"):
    state = left(browser, house, apps)
    _, address = apps.github.people.installs(apps.app, person, "acme", state)
    return came_back(browser, address)


def test_who_installs_it_chooses_and_has_linked(owner, house, apps):
    assert "acme" in installed(owner, house, apps).text
    answer = chosen(owner, house, "acme")
    assert "acme is connected" in answer.text
    connection = Connection.objects.get(name="acme")
    assert (connection.team, connection.level, connection.installation.app) == (house.team, "org", apps.row)
    assert apps.github.minted == {}  # no page fetches a token


def test_the_first_turn_checks_it(owner, house, apps, sent):
    installed(owner, house, apps)
    chosen(owner, house, "acme")
    row = Installation.objects.get()
    Installation.objects.update(due_at=apps.world.clock.now())
    now, clock = apps.world.clock.now(), apps.world.clock
    tokens.refresh(tokens.lease_due(row.pk, now), apps.client(), now)
    connection = Connection.objects.select_related("installation__app", "team").get(name="acme")
    polling.ask(connection, Gateways(lambda one: registry.forge(one, clock.seconds), None, clock.now), now)
    connection.refresh_from_db()
    assert connection.problems == [] and connection.checked_at is not None
    page = owner.get(reverse("connection", args=[house.team.slug, connection.pk])).text
    assert "renewed automatically" in page and "left this hour" in page and "Replace token" not in page


def test_what_was_installed_before_is_linked_by_signing_in(owner, house, apps):
    apps.github.world.installation(apps.app, "acme")
    state = left(owner, house, apps, "github_sign_in")
    page = came_back(owner, apps.github.people.signs_in(apps.app, "ann", state))
    assert "Connect acme" in page.text


def test_a_plain_member_of_an_organisation_can_t_link_it(owner, house, apps):
    apps.github.world.accounts["acme"].members.add("bob")
    apps.github.world.installation(apps.app, "acme")
    state = left(owner, house, apps, "github_sign_in")
    page = came_back(owner, apps.github.people.signs_in(apps.app, "bob", state))
    assert "nothing at GitHub that you can connect" in page.text
    chosen(owner, house, "acme")
    assert not Connection.objects.filter(name="acme").exists()


def test_nobody_links_what_they_did_not_prove(owner, house, apps):
    installed(owner, house, apps)
    assert "was not started here" in chosen(owner, house, "umbrella").text
    assert not Connection.objects.filter(forge="github").exists()


def test_another_s_way_back_is_no_way_in(owner, house, apps):
    """A link that somebody was made to follow, with a code of who sent it."""
    state = left(owner, house, apps)
    _, address = apps.github.people.installs(apps.app, "ann", "acme", state)
    other = client_of("admin", house.team)
    assert came_back(other, address).status_code == 403
    assert came_back(owner, address.replace(state, "x" * len(state))).status_code == 403


def test_a_state_is_good_once(owner, house, apps):
    state = left(owner, house, apps)
    _, address = apps.github.people.installs(apps.app, "ann", "acme", state)
    came_back(owner, address)
    assert came_back(owner, address).status_code == 403


def test_who_has_left_the_team_meanwhile_comes_back_to_nothing(owner, house, apps):
    state = left(owner, house, apps)
    _, address = apps.github.people.installs(apps.app, "ann", "acme", state)
    owner.user.memberships.all().delete()
    assert came_back(owner, address).status_code == 404


def test_a_code_that_github_does_not_take_is_a_sentence(owner, house, apps):
    state = left(owner, house, apps)
    page = owner.get(f"{reverse('github_back')}?code=wrong&state={state}", follow=True)
    assert "did not sign you in" in page.text


def test_an_owner_who_has_to_approve_is_told_of(owner, house, apps):
    state = left(owner, house, apps)
    page = owner.get(f"{reverse('github_back')}?setup_action=request&state={state}", follow=True)
    assert "asked an owner" in page.text


def test_what_is_linked_is_not_offered_again(owner, house, apps):
    installed(owner, house, apps)
    chosen(owner, house, "acme")
    page = owner.get(reverse("github", args=[house.team.slug])).text
    assert "Nothing to connect" in page


def test_an_app_s_link_takes_no_token_of_a_person(owner, house, apps):
    installed(owner, house, apps)
    chosen(owner, house, "acme")
    connection = Connection.objects.get(name="acme")
    answer = owner.post(
        reverse("connection_token", args=[house.team.slug, connection.pk]), {"token": "t"}, follow=True
    )
    assert "has its own token" in answer.text


def test_a_repository_is_linked_by_who_has_admin_rights_in_it(owner, house, github, monkeypatch):
    made = AppWorld(github, reach="repo")
    world = Gateways(registry.forge, None, github.world.clock.now, lambda row: made.client())
    monkeypatch.setattr(gateways, "GATEWAYS", world)
    github.world.account("ann", "User")
    github.world.account("bob", "User")
    github.world.repo("ann", "site").readers.add("bob")
    github.world.repo("ann", "shop").admins.add("bob")
    github.world.installation(made.app, "ann")
    state = left(owner, house, made, "github_sign_in")
    page = came_back(owner, github.people.signs_in(made.app, "bob", state)).text
    assert "Connect ann/shop" in page and "ann/site" not in page
    chosen(owner, house, "ann/shop")
    assert Connection.objects.get(forge="github").level == "repo"
