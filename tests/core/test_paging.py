"""Pages of a list by key."""

import pytest
from django.http import QueryDict

from tests.builders import a_user
from tfci.accounts.models import User
from tfci.core.paging import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return [a_user() for _ in range(7)]


def ask(query):
    return page(User.objects.all(), QueryDict(query), size=3)


def test_the_first_page_has_the_newest_and_leads_to_older(people):
    first = ask("")
    assert first.items == people[:3:-1]
    assert (first.newer, first.older) == ("", f"?older={people[4].pk}")


def test_older_and_newer_lead_there_and_back(people):
    second = ask(ask("").older[1:])
    assert second.items == [people[3], people[2], people[1]]
    assert ask(second.newer[1:]).items == ask("").items
    last = ask(second.older[1:])
    assert (last.items, last.older) == ([people[0]], "")


def test_back_on_the_first_page_there_is_nothing_newer(people):
    second = ask(ask("").older[1:])
    assert ask(second.newer[1:]).newer == ""


def test_rows_added_meanwhile_move_nothing(people):
    older = ask("").older[1:]
    a_user()
    assert ask(older).items == [people[3], people[2], people[1]]


def test_filters_stay_in_the_links(people):
    assert ask("state=queued&older=9999").older.startswith("?state=queued&older=")


@pytest.mark.parametrize("query", ["older=x", "newer=-1", "older=99999999999999999999"])
def test_a_key_that_is_none_shows_the_first_page(people, query):
    assert ask(query).items == people[:3:-1]


def test_an_empty_list_leads_nowhere():
    assert ask("") == page(User.objects.none(), QueryDict(""))
