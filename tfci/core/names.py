"""Names that people type: one line of text, with nothing in it that isn't seen."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

HIDDEN = ("Cc", "Cf", "Zl", "Zp")  # categories of Unicode: controls, formats (bidi overrides), line ends
JOINERS = "\u200c\u200d"  # formats that Persian, Indic scripts and emoji are spelled with
UNFIT = gettext_lazy("Remove line breaks, control characters and invisible characters.")


def has_hidden(text: str) -> bool:
    return any(_is_hidden(character) for character in text)


def one_line(text: str) -> str:
    """A name from wherever it comes, for a mail: spaces stand for what is hidden."""
    return " ".join("".join(" " if _is_hidden(character) else character for character in text).split())


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN and character not in JOINERS


def refuse_hidden(text: str) -> None:
    if has_hidden(text):
        raise ValidationError(UNFIT, code="hidden_characters")


class NameField(forms.CharField):
    """For every name that a form or the API asks for."""

    default_validators = [refuse_hidden]
