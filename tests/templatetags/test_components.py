"""What pages are put together from."""

import pytest
from django.template import Context, Template

from tfci.templatetags import components


@pytest.mark.parametrize("name", components.STATES)
def test_every_state_has_a_word_and_an_icon_that_exists(name, settings):
    chip = components.state(name)
    look, icon, word = components.STATES[name]
    assert f"is-{look}" in chip and word in chip
    sprite = (settings.BASE_DIR / "static/img/icons.svg").read_text()
    assert f'id="i-{icon}"' in sprite


def test_a_conclusion_says_more_than_completed():
    assert "Failed" in components.state("completed", "failure")


def test_a_state_that_a_forge_invented_is_shown_as_it_is():
    assert "Timed out" in components.state("completed", "timed_out")


def test_a_label_is_escaped():
    assert components.label("<b>") == '<span class="chip chip-label">&lt;b&gt;</span>'


@pytest.mark.parametrize("owner", components.OWNERS)
def test_an_owner_is_pattern_and_word(owner):
    drawn = Template("{% load components %}{% owner name %}").render(Context({"name": owner}))
    assert f"url(#p-{owner})" in drawn and components.OWNERS[owner] in drawn


def drawn(source: str, **shown) -> str:
    return " ".join(Template("{% load components %}" + source).render(Context(shown)).split())


def test_an_empty_state_says_what_to_do_and_leads_there():
    page = drawn("{% empty_state 'plug' title href='/new' action='Make one' %}For {{ who }}.{% endempty_state %}",
                 title="None <yet>", who="a & b")  # fmt: skip
    assert "#i-plug" in page and "<h2>None &lt;yet&gt;</h2>" in page and "<p>For a &amp; b.</p>" in page
    assert '<a class="btn btn-primary" href="/new">Make one</a>' in page


def test_an_empty_state_without_an_address_has_no_button():
    assert "<a " not in drawn("{% empty_state 'plug' 'None' %}Wait.{% endempty_state %}", href="/elsewhere")


def test_a_link_to_a_confirm_page_is_a_dialog_with_javascript():
    link = drawn("{% confirm_link '/close' 'Close' drawing='x' %}")
    assert 'class="btn btn-danger-quiet" href="/close" hx-get="/close" hx-target="#dialog"' in link
    assert "#i-x" in link and link.endswith("Close </a>")
    assert 'class="btn btn-quiet"' in drawn("{% confirm_link '/close' 'Close' look='btn-quiet' %}")


def test_a_card_has_a_heading_and_keeps_what_is_in_it():
    card = drawn(
        "{% card 'h-a' title note='of today' %}<p>{{ who }}</p>{% endcard %}", title="A & b", who="<c>"
    )
    assert '<section class="card" aria-labelledby="h-a">' in card and '<h2 id="h-a">A &amp; b</h2>' in card
    assert "of today" in card and "<p>&lt;c&gt;</p>" in card and "<a " not in card
    linked = drawn("{% card 'h-a' 'A' href='/all' action='All' %}{% endcard %}", note="of the page")
    assert '<a class="small" href="/all">All <svg' in linked and "of the page" not in linked


def test_crumbs_are_a_landmark():
    crumbs = drawn("{% crumbs %}<a href='/'>{{ name }}</a>{% endcrumbs %}", name="<b>")
    assert crumbs == '<nav class="fh-crumbs" aria-label="Breadcrumb"><a href=\'/\'>&lt;b&gt;</a></nav>'


def test_a_chip_is_word_icon_and_colour():
    chip = drawn("{% chip 'success' 'check' word %}", word="<On>")
    assert chip.startswith('<span class="chip is-success"><svg') and "&lt;On&gt;</span>" in chip


def test_lines_of_a_change_are_marked_and_escaped():
    lines = [("@", "@ -1 +1 @@"), (" ", "  on: push"), ("-", "a <b>"), ("+", "c")]
    assert components.diff(lines) == "@@ -1 +1 @@\n  on: push\n<del>a &lt;b&gt;</del><ins>c</ins>"


@pytest.mark.parametrize(
    "tags, look",
    [
        (["danger", "delete"], "btn-danger-quiet"),
        (["outline"], "btn-quiet"),
        (["prominent"], "btn-primary"),
        ("", "btn-primary"),  # an element without tags
    ],
)
def test_a_button_of_allauth_looks_as_its_tags_say(tags, look):
    assert components.button_look(tags) == look
