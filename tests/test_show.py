"""How amounts, times and states look."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone

from tfci.core.tft import Tft
from tfci.templatetags import show

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "units, text",
    [
        (0, "0.0000000 TFT"),
        (1, "0.0000001 TFT"),
        (12345, "0.0012345 TFT"),
        (Tft.parse("2614.8061932"), "2,614.8061932 TFT"),
        (-Tft.parse("1234.5"), "−1,234.5000000 TFT"),
        (-5, "−0.0000005 TFT"),
        (None, "–"),
    ],
)
def test_tft_has_seven_digits_and_grouped_thousands(units, text):
    assert show.tft(units) == text


def test_an_amount_alone_has_no_unit():
    assert show.amount(12345) == "0.0012345"


@pytest.mark.parametrize(
    "dollars, text",
    [
        (Decimal("24.844"), "$24.84"),
        (Decimal("1234.5"), "$1,234.50"),
        (0.15, "$0.150"),
        (Decimal("0.00142"), "$0.00142"),
        (Decimal("0.0000071"), "$0.00000710"),
        (0, "$0.00"),
        (-2, "−$2.00"),
        (None, "–"),
    ],
)
def test_small_dollars_keep_three_digits(dollars, text):
    assert show.usd(dollars) == text


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "0.0 s"),
        (0.06, "0.06 s"),
        (0.4, "0.4 s"),
        (2.46, "2.5 s"),
        (9.96, "10 s"),
        (41.2, "41 s"),
        (59.6, "1 min 00 s"),
        (126, "2 min 06 s"),
        (3900, "1 h 05 min"),
        (86400, "1 day 0 h"),
        (3 * 86400 + 4 * 3600, "3 days 4 h"),
        (timedelta(seconds=41), "41 s"),
        (None, "–"),
    ],
)
def test_a_leg_is_as_exact_as_it_is_short(seconds, text):
    assert show.leg(seconds) == text


@pytest.mark.parametrize("text, said", [("1390.909104", "1,391 TFT"), ("0.3123456", "0.31 TFT")])
def test_an_estimate_claims_no_digits_that_nobody_knows(text, said):
    assert show.rough(Tft.parse(text)) == said


@pytest.mark.parametrize(
    "why, said", [("for node 7 to take it", "waits for node 7 to take it"), ("runs a job", "runs a job")]
)
def test_what_a_machine_does_is_said_of_a_wait_too(why, said):
    assert show.doing(why) == said


def test_a_decision_is_read_in_two_parts():
    sentence = "Wanted 3: no room; 5 queued"
    assert (show.before_colon(sentence), show.after_colon(sentence)) == ("Wanted 3", "No room; 5 queued")


@pytest.mark.parametrize(
    "length, text",
    [
        ({"days": 1360}, "1,360 days"),
        ({"days": 46, "hours": 3}, "46 days"),
        ({"days": 1}, "1 day"),
        ({"hours": 5.9}, "5 h"),
        ({"seconds": 0}, "0 s"),
    ],
)
def test_a_span_names_its_largest_unit_alone(length, text):
    assert show.span(timedelta(**length)) == text


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "now"),
        (34, "34 s ago"),
        (540, "9 min ago"),
        (3 * 3600 + 5, "3 h ago"),
        (86400, "1 day ago"),
        (11 * 86400, "11 days ago"),
        (-19, "in 19 s"),
        (-130, "in 2 min"),
    ],
)
def test_ago_says_how_far_away_a_time_is(seconds, text):
    with time_machine.travel(NOON, tick=False):
        assert f">{text}</time>" in show.ago(NOON - timedelta(seconds=seconds))


def test_ago_of_nothing_is_never():
    assert show.ago(None) == "never"


def test_times_carry_the_exact_moment_in_the_readers_zone():
    with timezone.override(ZoneInfo("Europe/Brussels")):
        element = show.moment(NOON)
    assert 'datetime="2026-06-01T12:00:00+00:00"' in element
    assert 'title="1 Jun 2026, 14:00:00 CEST"' in element
    assert ">1 Jun 2026, 14:00:00</time>" in element


def test_a_clock_shows_the_time_of_day():
    assert ">12:00:00</time>" in show.clock(NOON)


@pytest.mark.parametrize(
    "text, words", [("2cpu8gbram50gbssd", "2 vCPU, 8 GB, 50 GB"), ("small", "small"), ("", "–"), (None, "–")]
)
def test_a_size_is_said_in_words(text, words):
    assert show.size(text) == words


@pytest.mark.parametrize("name", show.STATES)
def test_every_state_has_a_word_and_an_icon_that_exists(name, settings):
    chip = show.state(name)
    look, icon, word = show.STATES[name]
    assert f"is-{look}" in chip and word in chip
    sprite = (settings.BASE_DIR / "static/img/icons.svg").read_text()
    assert f'id="i-{icon}"' in sprite


def test_a_conclusion_says_more_than_completed():
    assert "Failure" in show.state("completed", "failure")


def test_a_state_that_a_forge_invented_is_shown_as_it_is():
    assert "Timed out" in show.state("completed", "timed_out")


def test_a_label_is_escaped():
    assert show.label("<b>") == '<span class="chip chip-label">&lt;b&gt;</span>'


@pytest.mark.parametrize("owner", show.OWNERS)
def test_an_owner_is_pattern_and_word(owner):
    drawn = Template("{% load show %}{% owner name %}").render(Context({"name": owner}))
    assert f"url(#p-{owner})" in drawn and show.OWNERS[owner] in drawn


def drawn(source: str, **shown) -> str:
    return " ".join(Template("{% load show %}" + source).render(Context(shown)).split())


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
    assert show.diff(lines) == "@@ -1 +1 @@\n  on: push\n<del>a &lt;b&gt;</del><ins>c</ins>"


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
    assert show.button_look(tags) == look


def test_pairs_stand_in_one_line():
    assert show.pairs({"role": "admin", "max": 4}) == "role admin, max 4"
