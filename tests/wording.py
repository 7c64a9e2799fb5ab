"""Words and phrases that give a translated style away, each with what to write instead."""

import re
from html.parser import HTMLParser

INSTEAD = {
    "a good many": "many",
    "all the same": "anyway",
    "anew": "again, new",
    "anybody": "anyone",
    "as it was": "unchanged",
    "at first": "default, initially",
    "at most so many": "maximum",
    "be it": "whether",
    "be told": "be reported",
    "becomes of": "happens to",
    "behaviour": "behavior",
    "by itself": "automatically",
    "by themselves": "automatically",
    "cancelled": "canceled",
    "cancelling": "canceling",
    "catalogue": "catalog",
    "code host": "forge",
    "code hosts": "forges",
    "colour": "color",
    "colours": "colors",
    "dearer": "more expensive",
    "deed": "action",
    "deeds": "actions",
    "everybody": "everyone",
    "gives the word": "starts, allows",
    "go on": "continue",
    "goes on": "continues",
    "hear of": "discover",
    "heard of": "discovered",
    "hears of": "discovers",
    "hereof": "of this",
    "is had": "has",
    "is said": "is shown",
    "is told": "is reported, learns",
    "are told": "are reported, learn",
    "was told": "was reported, learned",
    "lasts": "is valid until, runs out",
    "licence": "license",
    "likewise": "also",
    "linger": "idle timeout",
    "lingers": "idle timeout",
    "made up": "simulated",
    "makes of it": "does with it",
    "mend": "fix",
    "mended": "fixed",
    "mends": "fixes",
    "of late": "recently",
    "organisation": "organization",
    "organisations": "organizations",
    "reckon": "calculate",
    "reckoned": "calculated",
    "reckons": "calculates",
    "so many": "this many, or the number",
    "somebody": "someone",
    "stand beside": "are next to",
    "stands beside": "is next to",
    "stranger": "anonymous user, someone outside the team",
    "strangers": "anonymous users, people outside the team",
    "thereby": "this way",
    "unlink": "disconnect",
    "unlinked": "disconnected",
    "unlinking": "disconnecting",
    "unlinks": "disconnects",
    "wants": "needs",
    "whoever": "anyone who, the operator",
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
