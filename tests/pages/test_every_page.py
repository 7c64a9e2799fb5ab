"""What holds for every page that everybody may read."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.builders import a_node, a_price, a_team
from tests.people import EVERYBODY, Visitor, client_of
from tfci.pages.manual import manual

pytestmark = pytest.mark.django_db

NAMES = ["front", "pricing", "compare", "security", "labels", "status", "manual"]
PAGES = [reverse(name) for name in NAMES]
MANUAL = [reverse("manual_page", args=[name]) for name in manual().pages]
LOADED = re.compile(r'<(?:link|script|img|iframe|source|use)\b[^>]*?(?:href|src)="([^"]+)"')
BYTES, QUERIES = 100_000, 12


@pytest.fixture
def prices():
    a_price(read_at=timezone.now() - timedelta(minutes=1))
    a_node()


@pytest.mark.parametrize("person", EVERYBODY)
def test_everybody_may_read_it(person, prices):
    client = client_of(person, a_team())
    front = 200 if person == "nobody" else 302
    assert [client.get(page).status_code for page in PAGES] == [front] + [200] * (len(PAGES) - 1)


@pytest.mark.parametrize("page", PAGES)
def test_it_is_light_and_asks_the_database_little(page, prices, django_assert_max_num_queries):
    with django_assert_max_num_queries(QUERIES):
        answer = Visitor().get(page)
    assert len(answer.content) < BYTES


@pytest.mark.parametrize("page", MANUAL)
def test_a_page_of_the_manual_is_light(page):
    assert len(Visitor().get(page).content) < BYTES


@pytest.mark.parametrize("page", [*PAGES, *MANUAL])
def test_no_page_names_another_host_to_load_from(page, prices):
    loaded = LOADED.findall(re.sub(r'<link rel="canonical"[^>]*>', "", Visitor().get(page).text))
    assert loaded
    assert [address for address in loaded if not address.startswith("/") or address.startswith("//")] == []


@pytest.mark.parametrize("page", [*PAGES, *MANUAL])
def test_every_page_has_one_heading_its_own_words_and_the_foot(page, prices):
    text = Visitor().get(page).text
    assert text.count("<h1") == 1
    assert len(re.findall(r'<meta name="description" content="[^"]{20,}"', text)) == 1
    assert 'Powered by <a class="fh-link" href="https://threefold.io">ThreeFold</a>' in text
    assert f'<link rel="canonical" href="http://127.0.0.1:8400{page}">' in text


@pytest.mark.parametrize("page", PAGES)
def test_the_name_comes_from_the_setting(page, prices, settings):
    settings.NAME = "Ploughshare"
    text = Visitor().get(page).text
    assert "Ploughshare" in text
    assert "Farmhand" not in re.sub(r'<span class="wf-owner">.*?</span>|own-farmhand|p-farmhand', "", text)


@pytest.mark.parametrize("page", PAGES)
def test_it_is_whole_before_the_grids_prices_were_read(page):
    assert Visitor().get(page).status_code == 200


def test_every_link_on_a_page_leads_somewhere(prices):
    client = Visitor()
    found = {link for page in PAGES for link in re.findall(r'href="(/[^"#]*)', client.get(page).text)}
    pages = {link for link in found if not link.startswith("/static/")}
    assert len(pages) > 20
    assert {link: client.get(link).status_code for link in pages if client.get(link).status_code != 200} == {}
