"""Texts for people, in their language and marked for `make messages`. Rules know no Django: this is their way to it."""

from typing import cast

from django.utils.translation import gettext, ngettext

__all__ = ["gettext", "gettext_noop", "ngettext", "translated"]


class _Text:
    def __init__(self, message: str) -> None:
        self.message = message

    def __get__(self, instance: object, owner: type | None = None) -> str:
        return gettext(self.message)


def gettext_noop(message: str) -> str:
    """A text of a table, which is translated when it is read; Django's own needs settings for that."""
    return message


def translated(message: str) -> str:
    """A text of a class, for its body: each time that it is read, it is in the reader's language. Not with an
    annotation, for which @dataclass would read it at once."""
    return cast(str, _Text(message))
