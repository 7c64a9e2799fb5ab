"""Search over the manual."""

import pytest
from hypothesis import given, strategies as st

from tfci.pages.search import MAX_PLACES, PageSection, SearchIndex, excerpt, variants


@pytest.fixture
def index():
    return SearchIndex(
        [
            PageSection("/webhooks/", "Forges", "Webhooks", "A lost webhook costs one poll."),
            PageSection("/pools/", "Pools", "Sizes", "A pool says which jobs, and how large."),
            PageSection("/tree/", "Layout", "Webhooks", "webhooks.py is a door.", for_builders=True),
        ]
    )


def urls(index, query):
    return [hit.place.url for hit in index.find(query)]


@pytest.mark.parametrize("query", ["webhooks", "WEBHOOK", "webh", "wehbook", "webhok", "webbhook", "webhoak"])
def test_a_word_is_found_at_its_beginning_in_any_case_and_with_one_letter_wrong(index, query):
    assert urls(index, query)[0] == "/webhooks/"


def test_what_is_for_builders_comes_last(index):
    assert urls(index, "webhooks") == ["/webhooks/", "/tree/"]


def test_every_word_must_be_there(index):
    assert urls(index, "lost webhook") == ["/webhooks/"]
    assert urls(index, "webhook large") == []


@pytest.mark.parametrize("query", ["", "  ", "?!", "xyzzy"])
def test_what_says_nothing_finds_nothing(index, query):
    assert index.find(query) == []


def test_a_short_word_must_be_right(index):
    assert urls(index, "jbs") == []


def test_an_answer_has_an_end():
    many = SearchIndex(PageSection(f"/{n}/", "Page", "Title", "word") for n in range(100))
    assert len(many.find("word")) == MAX_PLACES


def test_a_word_in_a_title_says_more_than_one_in_the_text():
    index = SearchIndex(
        [PageSection("/text/", "A", "A", "pools"), PageSection("/title/", "B", "Pools", "nothing")]
    )
    assert urls(index, "pools") == ["/title/", "/text/"]


def test_an_excerpt_shows_the_word_and_cuts_at_blanks():
    text = f"{'before ' * 40}needle {'after ' * 40}"
    shown = excerpt(text, frozenset({"needle"}))
    assert "needle" in shown and shown.startswith("… before") and shown.endswith("after …")


@given(st.text("abc", min_size=1, max_size=8), st.integers(0, 7), st.sampled_from("abc"))
def test_one_wrong_letter_is_always_near(word, at, letter):
    at %= len(word)
    for other in (
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
    ):
        assert variants(word) & variants(other)


@given(st.text(max_size=200))
def test_any_query_has_an_answer(query):
    assert isinstance(SearchIndex([PageSection("/a/", "A", "A", "text")]).find(query), list)
