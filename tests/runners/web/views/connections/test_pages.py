"""The linked organisations."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.builders import NOON, a_membership, a_problem
from tests.house import LINK
from tests.people import client_of
from tests.tls import Authority
from tfci.core.permits import Full
from tfci.core.secret import Secret
from tfci.forges.errors import Busy, Unreachable
from tfci.forges.models import Connection, GitHubApp

pytestmark = pytest.mark.django_db


def test_linking_leads_to_the_organisations_page(owner, house):
    answer = owner.post(house.address("connection_new"), house.form(LINK), follow=True)
    assert "another is connected" in answer.text
    assert Connection.objects.get(name="another").team == house.team


def test_a_githubs_form_begins_with_the_address_of_nearly_all_of_them(owner, house):
    asked = house.address("connection_new")
    assert 'value="https://github.com"' in owner.get(asked, {"forge": "github"}).text
    assert "github.com" not in owner.get(asked, {"forge": "gitea"}).text


def test_the_way_by_an_app_is_shown_once_there_is_one(owner, house):
    asked = house.address("connection_new")
    assert "Without a token" not in owner.get(asked, {"forge": "github"}).text
    kept = dict.fromkeys(["client_secret", "webhook_secret", "pem"], Secret("s3cret"))
    GitHubApp.objects.create(
        url="https://github.com", reach="org", app_id=1, name="Farmhand", made_at=NOON, **kept
    )
    assert house.address("github") in owner.get(asked, {"forge": "github"}).text


def test_an_operator_is_shown_where_an_app_is_made(house):
    operator = client_of("operator", house.team)
    a_membership(house.team, operator.user, "owner")
    page = operator.get(house.address("connection_new"), {"forge": "github"}).text
    assert reverse("operator_github") in page


def test_each_missing_thing_has_its_sentence_and_the_token_is_not_shown_again(owner, house, outside):
    outside.missing = ("Give the token the scope read:user.", "Ask an owner of kestrel for a token.")
    answer = owner.post(house.address("connection_new"), house.form(LINK) | {"token": "s3cret-token"})
    for sentence in outside.missing:
        assert f"<li>{sentence}</li>" in answer.text
    assert "s3cret-token" not in answer.text
    assert not Connection.objects.filter(name="another").exists()


def test_a_forge_that_does_not_answer_is_a_sentence_too(owner, house, outside):
    outside.broken = Unreachable("git.example.org did not answer within 5 s.")
    answer = owner.post(house.address("connection_new"), house.form(LINK))
    assert "did not answer within 5 s" in answer.text


def test_checking_now_says_what_came_of_it(owner, house, outside):
    assert "has all required permissions" in owner.post(house.address("connection_check"), follow=True).text
    outside.missing = ("Give the token the scope read:user.",)
    assert "read:user" in owner.post(house.address("connection_check"), follow=True).text


def test_polling_only_takes_the_webhook_away_and_back(owner, house, outside):
    owner.post(house.address("connection_check"))
    assert len(outside.hooks) == 1
    owner.post(house.address("connection_discovery"), {"way": "poll"})
    assert outside.hooks == {}
    assert "none, as chosen" in owner.get(house.address("connection")).text
    owner.post(house.address("connection_discovery"), {"way": "webhook"})
    assert len(outside.hooks) == 1


def test_a_way_that_does_not_exist_changes_nothing(owner, house):
    owner.post(house.address("connection_discovery"), {"way": "pigeon"})
    house.connection.refresh_from_db()
    assert house.connection.way == "webhook"


def test_a_webhook_that_cannot_be_taken_away_leaves_all_as_it_was(owner, house, outside):
    owner.post(house.address("connection_check"))
    outside.broken = Unreachable("no answer")
    assert "no answer" in owner.post(house.address("connection_discovery"), {"way": "poll"}, follow=True).text
    house.connection.refresh_from_db()
    assert house.connection.way == "webhook"


def test_a_new_token_is_never_shown(owner, house):
    answer = owner.post(house.address("connection_token"), {"token": "n3w-token"}, follow=True)
    assert "The new token is in use" in answer.text
    assert "n3w-token" not in answer.text


def test_an_authority_of_its_own_is_taken_and_shown_with_its_end(owner, house):
    corp = Authority(days=10)
    answer = owner.post(house.address("connection_reach"), {"authority": corp.pem}, follow=True)
    assert "The settings are saved" in answer.text
    house.connection.refresh_from_db()
    assert house.connection.authority == corp.pem
    page = owner.get(house.address("connection")).text
    assert "“Example Corp Root” expires" in page and "Replace the certificate" in page
    owner.post(house.address("connection_reach"), {"authority": ""})
    assert "Example Corp Root" not in owner.get(house.address("connection")).text.split("Last check")[0]


def test_what_is_no_authority_is_refused_with_its_sentence(owner, house):
    answer = owner.post(house.address("connection_reach"), {"authority": "hello"}, follow=True)
    assert "This is not a certificate" in answer.text
    house.connection.refresh_from_db()
    assert house.connection.authority == ""


def test_unlinking_says_what_happens_and_begins_to_drain(owner, house):
    assert "its webhook, runners and signpost" in owner.get(
        house.address("connection_disconnect")
    ).text.replace("\n", " ")
    owner.post(house.address("connection_disconnect"))
    house.connection.refresh_from_db()
    assert house.connection.disconnecting_at
    assert "being disconnected" in owner.get(house.address("connection")).text


def test_an_unlinked_organisation_is_no_longer_listed(owner, house):
    Connection.objects.update(disconnected_at=NOON)
    assert house.address("connection") not in owner.get(reverse("connections", args=[house.team.slug])).text


def test_the_page_shows_each_sign_and_each_finding_of_the_last_check(owner, house, outside):
    owner.post(house.address("connection_check"))
    outside.missing = ("Give the token the scope read:user.",)
    text = owner.post(house.address("connection_check"), follow=True).text
    for what in ("Webhook", "Missed webhooks", "Polling", "Signpost", "Runners", "Permissions", "Token"):
        assert f"<h3>{what}</h3>" in text
    assert text.count("Give the token the scope read:user.") >= 2  # as a sign, and as a finding
    assert "never: Gitea’s tokens don’t expire" in text


def test_a_link_without_findings_says_only_how_to_get_some(owner, house):
    assert "Select “Check now” to run one." in owner.get(house.address("connection")).text
    Connection.objects.update(disconnecting_at=NOON)
    page = owner.get(house.address("connection")).text
    assert "No more checks." in page
    assert house.address("connection_check") not in page


def test_the_list_says_first_what_is_to_be_mended(owner, house):
    Connection.objects.update(way="poll", problems=a_problem("Make a new token."))
    text = owner.get(reverse("connections", args=[house.team.slug])).text
    assert "Action needed" in text and "Permissions: Make a new token." in text


@pytest.mark.parametrize(
    "level, name, sentence",
    [
        ("repo", "acme", "Write a repository with its owner"),
        ("org", "acme/app", "looks like a repository"),
        ("user", "acme/app", "looks like a repository"),
    ],
)
def test_a_name_must_fit_what_is_linked(level, name, sentence, owner, house):
    said = LINK | {"level": level, "name": name}
    assert sentence in owner.post(house.address("connection_new"), said).text


def test_a_repository_is_linked_by_its_whole_name(owner, house):
    said = LINK | {"level": "repo", "name": "another/app"}
    assert "another/app is connected" in owner.post(house.address("connection_new"), said, follow=True).text
    assert Connection.objects.get(name="another/app").level == "repo"


class TestSlowForge:
    def test_who_checks_while_no_call_is_left_is_asked_to_try_again(self, owner, house, outside):
        before = house.connection.problem_text
        outside.broken = Busy("2 of 2 calls are open. Try again in a few seconds.", NOON, Full.TEAM)
        answer = owner.post(house.address("connection_check"), follow=True)
        assert "Try again in a few seconds" in answer.text
        house.connection.refresh_from_db()
        assert house.connection.problem_text == before

    def test_its_page_says_since_when_it_is_silent_and_when_the_next_try_is(self, owner, house):
        now = timezone.now()
        retry_at = now + timedelta(minutes=4)
        Connection.objects.filter(pk=house.connection.pk).update(
            silent_since=now - timedelta(minutes=4), retry_at=retry_at
        )
        page = owner.get(house.address("connection")).text
        assert "no answer for 4 min" in page and f'datetime="{retry_at.isoformat()[:19]}' in page

    def test_one_connection_too_many_is_refused_with_the_number(self, owner, house, settings):
        settings.CONNECTIONS_PER_TEAM = 1
        answer = owner.post(house.address("connection_new"), house.form(LINK))
        assert "A team may have 1 connection here" in answer.text


def test_the_form_leads_to_the_page_where_its_forge_makes_tokens(owner, house):
    asked = house.address("connection_new")
    page = owner.post(asked, {"forge": "gitea", "url": "https://git.example.org/"}).text
    assert 'href="https://git.example.org/user/settings/applications"' in page
    assert "<code>write:organization, read:repository, read:user</code>" in page
    odd = owner.post(asked, {"forge": "gitea", "url": "javascript:alert(1)"})
    assert odd.context["form"].token_page == ""
    assert owner.get(asked).context["form"].token_page == ""
    page = owner.get(asked, {"forge": "github"}).text
    assert 'href="https://github.com/settings/personal-access-tokens/new"' in page
