"""For VMs that read the site."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from tfci.pages.manual import manual

pytestmark = pytest.mark.django_db


def test_robots_stay_away_from_what_belongs_to_teams():
    answer = Client().get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /t/" in answer.text.splitlines()
    assert "Sitemap: http://127.0.0.1:8400/sitemap.xml" in answer.text


def test_the_sitemap_lists_every_page_for_everybody_and_no_other():
    tree = ElementTree.fromstring(Client().get("/sitemap.xml").content)
    found = [
        node.text.removeprefix("http://127.0.0.1:8400") for node in tree.iter() if node.tag.endswith("loc")
    ]
    assert len(found) == len(set(found)) == 7 + len(manual().pages)
    assert {
        path: Client().get(path).status_code for path in found if Client().get(path).status_code != 200
    } == {}


def test_old_browsers_find_the_icon():
    assert Client().get("/favicon.ico").headers["Location"] == "/static/img/favicon.svg"


def test_pages_of_teams_and_forms_are_not_for_search_engines():
    assert '<meta name="robots" content="noindex">' in Client().get("/accounts/login/").text
    assert "noindex" not in Client().get("/").text
