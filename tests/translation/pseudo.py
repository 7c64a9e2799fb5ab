"""A language that nobody speaks: English with accents, and 40 % longer. It shows which texts aren't translated, and
where a layout has no room for a language with longer words."""

import math
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from tests.translation.extraction import catalog

LANGUAGE, FOLDER = "en-xa", "en_XA"
LONGER = 0.4
ACCENTED = "ÅåßƀÇçÐðÉéƑƒĜĝĤĥÎîĴĵĶķĻļḾḿÑñÖöÞþɊɋŔŕŠšŢţÛûṼṽŴŵẊẋÝýŽž"
LETTERS = str.maketrans("AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz", ACCENTED)
VOWELS = "aeiouyAEIOUY"
# What is not text: placeholders of both kinds, HTML, addresses, and names in capitals such as TFT or ALLOWED_HOST_LIST
KEPT = re.compile(r"""(%\(\w+\)[sd]|%%|%[sd]|\{[^{}]*\}|<[^<>]*>|&\#?\w+;|\w+://\S+|\b[A-Z][A-Z0-9_]+\b)""")
WORD = re.compile(r"[A-Za-z]+")


def pseudo(text: str) -> str:
    """The text in that language."""
    parts = KEPT.split(text)
    return "".join(part if n % 2 else WORD.sub(_stretched, part) for n, part in enumerate(parts))


def _stretched(found: re.Match[str]) -> str:
    """A word with some of its letters doubled, vowels first."""
    word = found[0]
    places = sorted(range(len(word)), key=lambda n: word[n] not in VOWELS)
    doubled = set(places[: math.ceil(LONGER * len(word))])
    longer = "".join(letter + letter.lower() if n in doubled else letter for n, letter in enumerate(word))
    return longer.translate(LETTERS)


def pseudo_catalog() -> Catalog:
    """All texts of the product in that language."""
    found = Catalog(locale="en", fuzzy=False)
    for message in catalog():
        if isinstance(message.id, tuple):
            found.add(message.id, tuple(map(pseudo, message.id)), context=message.context)
        elif message.id:
            found.add(message.id, pseudo(message.id), context=message.context)
    return found


def write_language(place: Path) -> None:
    """Compile it below a folder for LOCALE_PATHS."""
    file = place / FOLDER / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_mo(out, pseudo_catalog())
