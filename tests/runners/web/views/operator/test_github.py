"""The operator makes an App of GitHub, from a manifest."""

import html
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tests.builders import NOON, a_connection
from tests.forges.app_world import KEY
from tests.tls import Authority, Relay
from tfci.accounts.models import AuditEntry
from tfci.core.reasons import columns
from tfci.forges.models import GitHubApp, ScaleSet
from tfci.forges.problems import ScaleSetTaken

pytestmark = pytest.mark.django_db


def begun(operator, url, **said):
    """The page that leads to GitHub: (its action, the manifest)."""
    form = {"reach": "org", "url": url, "owner": "", "name": "Farmhand"} | said
    answer = operator.post(reverse("operator_github"), form)
    assert answer.status_code == 200
    action = html.unescape(re.search(r'action="(http[^"]+)"', answer.text)[1])
    manifest = html.unescape(re.search(r'name="manifest" value="([^"]+)"', answer.text)[1])
    return answer, action, manifest


def made(operator, github, **said):
    _, action, manifest = begun(operator, github.url, **said)
    state = parse_qs(urlsplit(action).query)["state"][0]
    back = urlsplit(github.people.makes_an_app(manifest, state, KEY))
    return operator.get(f"{back.path}?{back.query}", follow=True)


def test_an_app_is_made_with_no_more_rights_than_it_takes(operator, github):
    assert "Teams can connect with it" in made(operator, github).text
    app = GitHubApp.objects.get()
    there = github.world.apps[app.app_id]
    assert there.manifest["default_permissions"] == {
        "organization_self_hosted_runners": "write",
        "actions": "read",
        "metadata": "read",
    }
    assert there.manifest["request_oauth_on_install"] is True
    assert there.hook_url.endswith(f"/hooks/{app.address}")
    assert app.pem.reveal() == there.pem
    assert AuditEntry.objects.get(what="operator.app").on == f"Farmhand at {github.url}"


def test_repositories_take_another_app_and_its_price_is_said(operator, github):
    page = operator.get(reverse("operator_github")).text
    assert "changing and deleting the repository" in page
    made(operator, github, reach="repo")
    assert (
        github.world.apps[GitHubApp.objects.get().app_id].manifest["default_permissions"]["administration"]
        == "write"
    )


def test_only_that_page_may_send_a_form_to_github(operator, github):
    answer, *_ = begun(operator, github.url)
    assert f"form-action 'self' {github.url}" in answer["Content-Security-Policy"]
    assert github.url not in operator.get(reverse("operator_github"))["Content-Security-Policy"]


def test_an_organisation_may_own_it(operator, github):
    _, action, _ = begun(operator, github.url, owner="acme")
    assert "/organizations/acme/settings/apps/new?" in action


def test_a_way_back_that_did_not_begin_here_makes_nothing(operator, github):
    _, _, manifest = begun(operator, github.url)
    back = urlsplit(github.people.makes_an_app(manifest, "another", KEY))
    assert operator.get(f"{back.path}?{back.query}").status_code == 403
    assert not GitHubApp.objects.exists()


def test_there_is_one_app_for_a_github_and_reach(operator, github):
    made(operator, github)
    form = {"reach": "org", "url": github.url + "/", "name": "Again"}
    answer = operator.post(reverse("operator_github"), form)
    assert answer.status_code == 422 and "already" in answer.text


def test_no_key_is_ever_shown(operator, github):
    made(operator, github)
    app, page = GitHubApp.objects.get(), operator.get(reverse("operator_github")).text
    for secret in (app.pem, app.client_secret, app.webhook_secret):
        assert secret.reveal() not in page
    assert "PRIVATE KEY" not in page


def test_a_code_that_is_too_old_is_a_sentence(operator, github):
    _, action, manifest = begun(operator, github.url)
    state = parse_qs(urlsplit(action).query)["state"][0]
    back = urlsplit(github.people.makes_an_app(manifest, state, KEY))
    github.world.clock.move(3601)
    page = operator.get(f"{back.path}?{back.query}", follow=True)
    assert "does not know this code" in page.text
    assert json.loads(manifest)["name"] == "Farmhand"


def test_a_github_of_ones_own_authority_gets_an_app_and_another_authority_later(
    operator, github, settings, tmp_path
):
    corp, following = Authority(), Authority("Next Root")
    relay = Relay(urlsplit(github.url).port, corp.context(tmp_path))
    settings.ALLOWED_FORGE_ORIGINS = [relay.url]
    _, action, manifest = begun(operator, relay.url, authority=corp.pem)
    state = parse_qs(urlsplit(action).query)["state"][0]
    back = urlsplit(github.people.makes_an_app(manifest, state, KEY))
    page = operator.get(f"{back.path}?{back.query}", follow=True).text
    relay.stop()
    app = GitHubApp.objects.get()
    assert "Teams can connect with it" in page and "“Example Corp Root” verifies" in page
    address = reverse("operator_github_authority", args=[app.pk])
    assert (
        "This is not a certificate."
        in operator.post(address, {f"app{app.pk}-authority": "x"}, follow=True).text
    )
    page = operator.post(address, {f"app{app.pk}-authority": following.pem}, follow=True).text
    assert "“Next Root” verifies" in page
    app.refresh_from_db()
    assert app.authority == following.pem


def test_the_page_says_whether_scale_sets_are_on_and_what_is_wrong_with_them(operator, settings):
    assert "FARMHAND_SCALE_SETS" in operator.get(reverse("operator_github")).text
    row = {"label": "small", "due_at": NOON, "leased_until": NOON}
    taken = ScaleSetTaken("Another listener has it.")
    ScaleSet.objects.create(connection=a_connection(forge="github"), **columns(taken, "problem"), **row)
    text = operator.get(reverse("operator_github")).text
    assert "no, remaining sets are being removed" in text and str(taken) in text
    settings.SCALE_SETS = True
    text = operator.get(reverse("operator_github")).text
    assert "1 of 1 connection <" in text and "none yet" in text
