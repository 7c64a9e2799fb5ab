"""Error pages say what to do next."""

import pytest
from django.template.loader import render_to_string

from tests.builders import a_team
from tests.people import Visitor, client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("person", ["owner", "nobody"])
def test_an_unknown_address_leads_back(person):
    answer = client_of(person, a_team()).get("/no/such/page/")
    assert answer.status_code == 404
    assert "Page not found." in answer.text
    assert "Powered by" in answer.text


def test_a_refusal_says_whom_to_ask():
    team = a_team()
    answer = client_of("viewer", team).get(f"/t/{team.slug}/audit/")
    assert "Your role in this team is viewer; this requires admin or higher." in answer.text


def test_a_form_without_its_token_says_to_reload():
    answer = Visitor(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@example.org"})
    assert answer.status_code == 403
    assert "reload the page" in answer.text


def test_the_page_of_a_broken_server_needs_nothing():
    page = render_to_string("500.html")
    assert "Something went wrong." in page
    assert "Powered by" in page
