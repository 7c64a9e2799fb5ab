"""The language that nobody speaks keeps what is no text."""

import re

import pytest
from django.test import override_settings
from django.utils.translation import gettext, ngettext

from tests.translation import pseudo
from tests.translation.extraction import messages

PLAIN = re.compile(r"[a-z]{3,}")


@pytest.mark.parametrize(
    "kept",
    ["%(name)s", "{count:,}", "100 %%", '<a href="/jobs/">', "&nbsp;", "https://git.example.org/user", "TFT"],
)
def test_what_is_no_text_is_kept(kept):
    assert pseudo.pseudo(f"Jobs of {kept} wait").split(" ", 2)[2].startswith(kept)


def test_texts_are_longer_and_have_accents():
    text = "The pool takes no more jobs from now on."
    longer = pseudo.pseudo(text)
    assert len(longer) >= 1.4 * len(text)
    assert not PLAIN.search(longer)


def test_every_placeholder_of_a_text_is_kept():
    for message in messages():
        for text in (message.text, message.plural):
            placeholders = re.findall(r"%\(\w+\)s|\{[^{}]*\}", text)
            assert re.findall(r"%\(\w+\)s|\{[^{}]*\}", pseudo.pseudo(text)) == placeholders


def test_django_speaks_it(tmp_path):
    pseudo.write_language(tmp_path)
    with override_settings(LANGUAGE_CODE=pseudo.LANGUAGE, LOCALE_PATHS=[tmp_path]):
        assert gettext("Succeeded") == pseudo.pseudo("Succeeded")
        assert ngettext("{count} job", "{count} jobs", 2) == pseudo.pseudo("{count} jobs")
    assert gettext("Succeeded") == "Succeeded"
