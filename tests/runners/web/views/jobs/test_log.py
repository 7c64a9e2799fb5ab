"""The logs of a job: a page without JavaScript, lines for a page that is open, and a file."""

import re
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.urls import reverse

from runners.jobs.log_lines import MAX_LINES, WIDEST
from runners.models import VM, Job
from tests.builders import a_job
from tests.people import client_of
from tfci.forges.errors import Unreachable

pytestmark = pytest.mark.django_db

HTML = 100_000
# What a job may write to harm whoever looks at its log
HOSTILE = {
    "html": "<script>alert(1)</script>\n<img src=x onerror=alert(1)>\n</pre></ol></main>\n",
    "escapes": "\x1b]8;;javascript:alert(1)\x1b\\click\x1b]8;;\x1b\\\n\x1b[2J\x1b[1;31m<b>red\x1b[0m\n\x1b]0;",
    "control": "".join(map(chr, range(32))) + "\x7f\x9b\u202e\u2066\u2028\n",
    "invalid": b"\xff\xfe\xc3\x28\n".decode(errors="replace"),
    "one line": "<" * 2**20 + "\n",
    "many lines": "<&\"'>\n" * (2**20 // 6),
    "colors": "\x1b[31m<\x1b[32m>" * (2**20 // 12) + "\n",
    "empty lines": "\n" * 2**20,
}


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def say(house, outside):
    def said(text):
        outside.logs[house.job.forge_job_id] = text

    return said


def lines(client, house, **asked):
    return client.get(house.address("job_log_lines"), asked).json()


def texts(answer):
    return ["".join(text for _, text in spans) for _, _, spans, _ in answer["lines"]]


def test_the_page_of_a_job_waits_for_no_forge(owner, house, outside):
    outside.broken = AssertionError("asked")
    page = owner.get(house.address("job")).text
    assert house.address("job_log_lines") in page
    assert "hello" in page  # what its VM has written


def test_the_page_has_the_end_of_the_log_with_links_to_its_lines(owner, house, say):
    say("step one\nstep two\n")
    page = owner.get(house.address("job_log")).text
    assert '<li id="L2" class=""><a href="#L2">2</a>' in page
    assert "step two" in page


def test_of_a_long_log_the_page_has_the_last_lines_with_their_numbers(owner, house, say):
    say("".join(f"line {n} {'x' * 50}\n" for n in range(1, 5001)))
    page = owner.get(house.address("job_log")).text
    assert 'id="L5000"' in page and 'id="L1"' not in page
    assert "Only the end of the log is shown here" in page


def test_the_log_of_its_vm_has_a_tab_of_its_own(owner, house):
    page = owner.get(house.address("job_log"), {"of": "vm"}).text
    assert 'id="V1"' in page and "[agent] hello" in page


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_log_is_light_and_does_nothing(owner, house, say, name):
    say(HOSTILE[name])
    answer = owner.get(house.address("job_log"))
    assert len(answer.content) < HTML
    assert Tags(answer.text).inside <= {"li", "a", "span", "em"}
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", answer.text.replace("\r", "")
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_log_of_a_vm_leaves_the_job_page_light(owner, house, name):
    tail = HOSTILE[name][: 16 * 1024].replace("\x00", "")
    VM.objects.filter(pk=house.job.vm_id).update(tail=tail)
    answer = owner.get(house.address("job"))
    assert len(answer.content) < HTML
    assert Tags(answer.text).inside <= {"li", "a", "span", "em"}


@pytest.mark.parametrize("name", HOSTILE)
def test_lines_of_a_hostile_log_are_bounded(owner, house, say, name):
    say(HOSTILE[name])
    answer = owner.get(house.address("job_log_lines"))
    found = answer.json()
    assert len(found["lines"]) <= MAX_LINES
    assert all(sum(len(text) for _, text in spans) <= WIDEST for _, _, spans, _ in found["lines"])
    assert len(answer.content) < 6 * 2**20
    assert answer["Content-Type"] == "application/json"


def test_lines_go_on_where_a_page_has_them(owner, house, say):
    say("one\ntwo\nthree\nunfini")
    assert texts(lines(owner, house)) == ["one", "two", "three"]
    answer = lines(owner, house, after=2)
    assert (answer["from"], texts(answer), answer["whole"], answer["ended"]) == (2, ["three"], True, False)
    assert answer["again"] == 3.0


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 30, "1e9", "²"])
def test_an_odd_place_is_the_beginning(owner, house, say, after):
    say("one\n")
    assert texts(lines(owner, house, after=after)) == ["one"]


def test_of_a_log_that_is_too_long_all_lines_come_again(owner, house, say):
    say("cut\n" + "y" * 99 + "\n" + "x" * 2**20 + "\n")
    answer = lines(owner, house, after=1)
    assert (answer["from"], answer["whole"], texts(answer)[0]) == (0, False, "y" * 99)


def test_what_cannot_be_read_is_said_and_asked_for_again(owner, house, outside):
    outside.broken = Unreachable("no answer")
    answer = lines(owner, house)
    assert (answer["note"], answer["again"]) == (
        "The log could not be read from kestrel: no answer",
        10.0,
    )
    page = owner.get(house.address("job_log")).text
    assert "The log could not be read from kestrel: no answer" in page


def test_lines_of_a_vm_come_whole_while_it_lives(owner, house):
    answer = lines(owner, house, of="vm", after=1)
    assert (texts(answer), answer["again"], answer["begun"]) == (["[agent] hello"], 2.0, True)
    VM.objects.filter(pk=house.job.vm_id).update(state="gone", tail="")
    Job.objects.filter(pk=house.job.pk).update(state="completed", conclusion="success")
    answer = lines(owner, house, of="vm")
    assert (answer["note"], answer["again"]) == ("The VM has not written anything yet.", None)


def test_a_job_without_a_vm_that_has_not_begun_has_no_log_yet(owner, house):
    queued = a_job(house.connection, "queued", pool=house.pool)
    assert "data-log" not in owner.get(reverse("job", args=[house.team.slug, queued.pk])).text
    answer = owner.get(reverse("job_log_lines", args=[house.team.slug, queued.pk])).json()
    assert answer["note"] == "The log begins when the job starts."


def test_a_log_is_kept_as_a_file(owner, house, say):
    say("one\n\x1b[31mtwo\n")
    answer = owner.get(house.address("job_log_file"))
    assert answer.content == b"one\n\x1b[31mtwo\n"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    name = f'attachment; filename="kestrel-app-build-job-{house.job.pk}.log"'
    assert answer["Content-Disposition"] == name
    assert owner.get(house.address("job_log_file"), {"of": "vm"}).content == b"[agent] hello"


def test_a_file_says_where_its_beginning_is(owner, house, say):
    say("cut\n" + "x" * 2**20)
    assert owner.get(house.address("job_log_file")).text.startswith(
        "[The beginning of this log is left out: kestrel has all of it."
    )


def test_without_a_log_the_file_is_a_page_that_says_why(owner, house):
    page = owner.get(house.address("job_log_file"), follow=True).text
    assert "kestrel has no line of this job’s log yet." in page


@pytest.mark.parametrize("page", ["job_log", "job_log_lines", "job_log_file"])
def test_another_team_sees_nothing_of_it(house, page):
    assert client_of("stranger", house.team).get(house.address(page)).status_code == 404


def test_looking_costs_few_questions(owner, house, say, django_assert_max_num_queries):
    say("one\n")
    owner.get(house.address("team"))  # a session remembers its team once
    for page in ("job_log", "job_log_lines"):
        with django_assert_max_num_queries(12):
            owner.get(house.address(page))


class Tags(HTMLParser):
    """The elements inside of logs."""

    def __init__(self, text):
        super().__init__()
        self.inside, self.deep = set(), False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if self.deep:
            self.inside.add(tag)
            names = {name for name, _ in attributes}
            assert names <= {"id", "class", "href"}
            assert dict(attributes).get("href", "#").startswith("#")
        self.deep = self.deep or (tag, dict(attributes).get("class")) == ("ol", "log-lines")

    def handle_endtag(self, tag):
        self.deep = self.deep and tag != "ol"
