"""Our templates as they are sent: without the indentation, which a list of 100 rows would send 100 times."""

import re

from django.template import Origin
from django.template.loaders import filesystem

KEPT = re.compile(r"(<(?:pre|textarea)\b.*?</(?:pre|textarea)>)", re.DOTALL)  # where a space is a space
INDENTATION = re.compile(r"(?<=\n)[ ]+")


class Loader(filesystem.Loader):
    def get_contents(self, origin: Origin) -> str:
        text = super().get_contents(origin)
        return without_indentation(text) if origin.name.endswith(".html") else text


def without_indentation(text: str) -> str:
    parts = KEPT.split(text)
    return "".join(part if n % 2 else INDENTATION.sub("", part) for n, part in enumerate(parts))
