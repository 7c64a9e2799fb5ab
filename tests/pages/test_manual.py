"""The manual in the browser."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tfci.pages import markdown
from tfci.pages.manual import DOCS, manual
from tfci.pages.views import manual as views

pytestmark = pytest.mark.django_db

HREF = re.compile(r'href="([^"#]*)(?:#([^"]*))?"')


def page(name):
    return Client().get(reverse("manual_page", args=[name])).text


def test_every_file_of_the_manual_is_a_page_in_the_order_of_its_summary():
    assert len(manual().pages) == len([path for path in DOCS.rglob("*.md") if path.name != "SUMMARY.md"])
    assert [entry.name for entry in manual().order][:2] == ["quick-start", "own-gitea"]


@pytest.mark.parametrize("name", manual().pages)
def test_every_link_of_a_page_leads_to_a_heading_that_there_is(name):
    for target, anchor in HREF.findall(manual().pages[name].html):
        if target.startswith("/docs/images/"):
            continue
        there = target.removeprefix("/docs/").strip("/") if target else name
        if target.startswith("/docs/") or not target:
            anchors = {section.anchor for section in manual().pages[there].sections}
            assert not anchor or anchor in anchors, (name, target, anchor)
        else:
            assert target.startswith("https://"), (name, target)


def test_a_page_shows_where_it_stands_and_what_comes_before_and_after():
    before, here, after = manual().order[1:4]
    text = page(here.name)
    assert f'href="{here.url}" aria-current="page"' in text
    assert f'rel="prev" href="{before.url}"' in text
    assert f'rel="next" class="is-next" href="{after.url}"' in text


def test_a_decision_is_a_page_though_the_contents_do_not_list_it():
    assert "Farmhand" in page("decisions/name")


def test_pictures_are_served_and_nothing_else_is():
    client = Client()
    assert client.get("/docs/images/job.png").headers["Content-Type"] == "image/png"
    assert client.get("/docs/images/architecture.svg").headers["Content-Type"] == "image/svg+xml"
    for name in ("..", "none.png", "security.md", "..%5c..%5cmanage.py"):
        assert client.get(f"/docs/images/{name}").status_code == 404


@pytest.mark.parametrize("name", ["none", "../README", "pools.md", "SUMMARY"])
def test_what_is_no_page_is_not_found(name):
    assert Client().get(f"/docs/{name}/").status_code == 404


def test_a_search_says_what_was_found_where_and_marks_it():
    text = Client().get("/docs/", {"q": "signpst"}).text
    assert "<mark>signpost</mark>" in text
    assert 'value="signpst"' in text


def test_a_search_that_finds_nothing_says_what_to_do():
    assert "Use fewer words or another spelling" in Client().get("/docs/", {"q": "xyzzyx"}).text


def test_what_was_asked_for_is_shown_as_text_and_cut():
    text = Client().get("/docs/", {"q": "<script>alert(1)</script>" + "x" * 500}).text
    assert "<script>alert" not in text
    assert "x" * views.LONGEST not in text


# One page of Markdown


def rendered(source):
    return markdown.read(source, lambda link: f"/there/{link}" if link == "known.md" else None)


def test_html_is_shown_and_not_let_through():
    assert "<script>" not in rendered("# A\n\n<script>alert(1)</script> <b>x</b>").html
    assert "href" not in rendered("# A\n\n[x](javascript:alert(1))").html


def test_a_link_to_what_is_not_shown_is_only_its_words():
    html = rendered("# A\n\n[one](known.md) [two](secret.py)").html
    assert '<a href="/there/known.md">one</a>' in html and "secret.py" not in html and "two" in html


def test_headings_have_the_anchors_that_code_hosts_give_them():
    assert '<h2 id="whats-here-and-now">' in rendered("# A\n\n## What's here, and now?").html


def test_the_title_stands_in_the_layout_and_sections_carry_their_text():
    page = rendered("# Title\n\nOpening.\n\n## Part\n\nText `code`.\n\n    block\n")
    assert (page.title, "<h1" in page.html) == ("Title", False)
    assert [(one.title, one.text.split()) for one in page.sections] == [
        ("Title", ["Opening."]),
        ("Part", ["Text", "code.", "block"]),
    ]


def test_code_can_be_scrolled_by_keyboard_and_copied():
    html = rendered('# A\n\n```sh\necho "<hi>"\n```\n').html
    assert '<pre tabindex="0"><code>echo &quot;&lt;hi&gt;&quot;</code></pre>' in html
    assert 'data-copy="echo &quot;&lt;hi&gt;&quot;"' in html


def test_marking_escapes_all_else():
    assert (
        markdown.marked("<b> pool & pools", frozenset({"pool"})) == "&lt;b&gt; <mark>pool</mark> &amp; pools"
    )
