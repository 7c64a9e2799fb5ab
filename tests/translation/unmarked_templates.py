"""Texts of templates that no translator would get to see."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType

from tests.translation.words import is_text

ATTRIBUTES = {"title", "placeholder", "alt", "aria-label", "aria-description", "data-label"}
DESCRIPTIONS = {"description", "og:title", "og:description", "og:image:alt"}  # what a <meta> has as content
BUTTONS = {"submit", "button", "reset"}
CODE = {"code", "pre", "kbd", "samp", "script", "style", "textarea"}
STRINGS = re.compile(r"""(_\()?(?:"([^"]*)"|'([^']*)')""")
WORDY_FILTERS = re.compile(r"""\|(default|default_if_none|yesno|add):(?:"([^"]*)"|'([^']*)')""")
ENGLISH_FILTERS = re.compile(r"\|(pluralize|apnumber|ordinal)\b")
# Our tags -> their arguments that are shown, by place or name
COMPONENTS = {
    "card": (1, "title", "note", "action"),
    "chip": (2, "text"),
    "confirm_link": (1, "text"),
    "empty_state": (1, 3, "title", "action"),
    "meter": (0, "name"),
    "spark": (2, "name"),
}
ARGUMENTS = ("include", "with", "element", "slot", *COMPONENTS)  # tags that hand texts on


def of_template(file: str, source: str) -> list[str]:
    """What is shown but not marked, each with its line."""
    found, page = [], []
    for token, marked in _tokens(source):
        lines = "\n" * token.contents.count("\n")
        if token.token_type == TokenType.TEXT:
            page.append(lines if marked else token.contents)
            continue
        page.append(f" {lines}")
        if not marked:
            found += [f"{token.lineno}: {text}" for text in _of_tag(token)]
    html = "".join(page)
    shown = _Shown(html).found if file.endswith(".html") else _of_mail(html)
    return sorted(found + shown, key=lambda one: int(one.partition(":")[0]))


def _tokens(source: str) -> Iterator[tuple[Token, bool]]:
    """Each token, and whether it is inside of {% blocktranslate %}; without comments."""
    until = ""
    for token in Lexer(source).tokenize():
        word = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if token.token_type == TokenType.BLOCK and word == until:
            until = ""
            yield token, True
        elif until == "endcomment" or token.token_type == TokenType.COMMENT:
            yield Token(TokenType.COMMENT, "\n" * token.contents.count("\n")), True
        else:
            yield token, bool(until)
        if token.token_type == TokenType.BLOCK and word in ("blocktranslate", "blocktrans", "comment"):
            until = f"end{word}"


def _of_tag(token: Token) -> Iterator[str]:
    """A filter that speaks English, and arguments that are shown."""
    contents = token.contents
    for found in ENGLISH_FILTERS.finditer(contents):
        yield f"|{found[1]}"
    for found in WORDY_FILTERS.finditer(contents):
        if is_text(found[2] or found[3] or ""):
            yield found[0]
    if token.token_type != TokenType.BLOCK:
        return
    tag, *arguments = token.split_contents()
    if tag in ("blocktranslate", "blocktrans") and "trimmed" not in arguments:
        yield "blocktranslate without trimmed"
    if tag in ARGUMENTS:
        for place, argument in enumerate(arguments):
            yield from _of_argument(tag, place, argument)


def _of_argument(tag: str, place: int, argument: str) -> Iterator[str]:
    name, _, value = argument.rpartition("=") if re.match(r"\w+=", argument) else ("", "", argument)
    if name == "look":  # classes
        return
    shown = (name or place) in COMPONENTS.get(tag, ())
    for marked, *text in STRINGS.findall(value):
        string = "".join(text)
        if not marked and is_text(string) and (shown or _like_text(string)):
            yield argument


def _like_text(string: str) -> bool:
    """Not a name for machines."""
    return bool(re.search(r"[^\W\d_] +[^\W\d_]|^[A-Z][a-z]", string))


def _of_mail(text: str) -> list[str]:
    return [f"{n}: {line.strip()}" for n, line in enumerate(text.splitlines(), 1) if is_text(line)]


class _Shown(HTMLParser):
    """Reads what is left of a template without its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.code = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code += tag in CODE
        given = {name: value or "" for name, value in attrs}
        shown = [value for name, value in given.items() if name in ATTRIBUTES]
        if tag == "meta" and (given.get("name") or given.get("property")) in DESCRIPTIONS:
            shown.append(given.get("content", ""))
        if tag == "input" and given.get("type") in BUTTONS:
            shown.append(given.get("value", ""))
        for text in shown:
            self.note(text)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.code -= tag in CODE

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag in CODE

    def handle_data(self, data: str) -> None:
        if not self.code:
            self.note(data)

    def note(self, text: str) -> None:
        if is_text(text):
            self.found.append(f"{self.getpos()[0]}: {' '.join(text.split())}")
