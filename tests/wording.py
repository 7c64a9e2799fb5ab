"""Words and phrases that give a translated style away, each with what to write instead."""

import re
from html.parser import HTMLParser

INSTEAD = {
    "gives the word": "starts, allows",
    "hereof": "of this",
    "is had": "has",
    "thereby": "this way",
}
SEEN = {"alt", "aria-label", "content", "placeholder", "title"}  # attributes that people read
UNSEEN = {"code", "pre", "script", "style", "textarea"}
PHRASES = re.compile(
    r"(?i)(?<![\w/.-])(?:" + "|".join(phrase.replace(" ", r"\s+") for phrase in INSTEAD) + r")(?![\w/-])"
)


def stilted(text: str) -> list[str]:
    """Return each phrase of INSTEAD in a text, with the words around it."""
    return [
        " ".join(text[max(0, found.start() - 40) : found.end() + 40].split())
        for found in PHRASES.finditer(text)
    ]


class Prose(HTMLParser):
    """What a person reads of a page, without code and data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.unseen = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in UNSEEN
        self.parts += [value or "" for name, value in attrs if name in SEEN]

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def prose(page: str) -> str:
    return "\n".join(Prose(page).parts)
