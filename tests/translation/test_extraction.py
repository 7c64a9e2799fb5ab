"""Texts are read out of templates and Python as Django looks them up."""

import pytest

from tests.translation import extraction
from tests.translation.extraction import Message, of_python, of_template, template_file


@pytest.mark.parametrize(
    ("source", "text", "plural"),
    [
        ('{% translate "Jobs" %}', "Jobs", ""),
        ("<p>{{ _('Jobs') }}</p>", "Jobs", ""),
        ('{% card "jobs" _("All jobs") %}', "All jobs", ""),
        ('{{ name|default:_("none") }}', "none", ""),
        (
            "{% blocktranslate trimmed %}\n    One\n    line {{ n }}\n{% endblocktranslate %}",
            "One line %(n)s",
            "",
        ),
        (
            "{% blocktranslate count n=2 trimmed %}{{ n }} job{% plural %}{{ n }} jobs{% endblocktranslate %}",
            "%(n)s job",
            "%(n)s jobs",
        ),
        ('{{ count|plural:"day" }}', "{count} day", "{count} days"),
    ],
)
def test_a_text_of_a_template_is_found(source, text, plural):
    assert list(of_template("page.html", source)) == [Message("page.html", text, plural)]


@pytest.mark.parametrize(
    ("source", "text", "plural"),
    [
        ('gettext("Job {n}").format(n=1)', "Job {n}", ""),
        ('_("one " "line")', "one line", ""),
        ('sentence = translated("it waits")', "it waits", ""),
        ('ngettext("{n} job", "{n} jobs", 2)', "{n} job", "{n} jobs"),
        ('plural(2, "delivery", "deliveries")', "{count} delivery", "{count} deliveries"),
    ],
)
def test_a_text_of_python_is_found(source, text, plural):
    assert list(of_python("file.py", source)) == [Message("file.py", text, plural)]


@pytest.mark.parametrize("source", ['gettext(f"Job {n}")', 'gettext("Job" + name)'])
def test_an_expression_is_no_text(source):
    with pytest.raises(ValueError, match="literal"):
        list(of_python("file.py", source))


def test_the_file_of_texts_is_the_same_each_time():
    written = template_file()
    extraction.messages.cache_clear()
    assert template_file() == written
    assert 'msgid "Succeeded"\nmsgstr ""' in written
    assert "runners/reasons/jobs.py" in written and extraction.ROOT.as_posix() not in written
