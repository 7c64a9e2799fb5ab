"""The texts that are marked for translation, read out of templates and Python.

GNU gettext, which Django's own `makemessages` calls, is not among what Farmhand is installed with.
"""

import ast
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import write_po
from django.utils.translation.template import templatize

from tfci.core.template_loader import without_indentation
from tfci.pages import claims

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
PYTHON = ("tfci", "billing", "runners")
KEYWORDS = {  # function -> which of its arguments are the context, the text and its plural
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "translated": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}
# A text that is looked up by these is marked where it is written.
ELSEWHERE = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
COUNTED = re.compile(r"""\|plural:["']([^"']+)["']""")
HEADER = """\
# The texts of Farmhand, in English. `make messages` writes this file.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True, slots=True)
class Message:
    """A text as it is looked up in a catalog, and the file that shows it."""

    file: str
    text: str
    plural: str = ""
    context: str | None = None

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.text, self.plural) if self.plural else self.text


@cache
def messages() -> tuple[Message, ...]:
    """All of the product."""
    return tuple(_messages())


def _messages() -> Iterator[Message]:
    for path in sorted(TEMPLATES.rglob("*.*")):
        yield from of_template(name(path), path.read_text())
    for path in python_files():
        yield from of_python(name(path), path.read_text())
    for file in claims.FILES:
        yield from of_claims(claims.DATA / f"{file}.toml")


def python_files() -> list[Path]:
    found = (path for top in PYTHON for path in (ROOT / top).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def of_template(file: str, source: str) -> Iterator[Message]:
    """Those of {% translate %}, {% blocktranslate %}, _("…") and the filter `plural`."""
    sent = without_indentation(source) if file.endswith(".html") else source
    # As Python it is lines of calls, which may start anywhere.
    calls = "\n".join(line.lstrip() for line in templatize(sent, origin=file).splitlines())
    for _, function, arguments, _ in extract_python(io.BytesIO(calls.encode()), list(KEYWORDS), [], {}):
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        yield _message(file, function, list(given))
    for word in COUNTED.findall(source):
        yield _counted(file, word)


def of_python(file: str, source: str) -> Iterator[Message]:
    """Those of gettext's functions, our `translated`, and `plural`, which puts a number before a word."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="plural"), args=[_, *words]) if all(map(literal, words)):
                yield _counted(file, *map(literal, words))
            case ast.Call(func=ast.Name(id=function), args=[first, *others]) if function in KEYWORDS:
                if not isinstance(first, ELSEWHERE):
                    yield _message(file, function, list(map(literal, [first, *others])))


def of_claims(path: Path) -> list[Message]:
    """What public pages say of us and of others."""
    texts: list[str] = []

    def found(text: str) -> str:
        texts.append(text)
        return text

    claims.with_texts(tomllib.loads(path.read_text()), "", found)
    return [Message(name(path), text) for text in texts]


def literal(node: ast.expr) -> str:
    """The text of a literal; "" for other expressions."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _message(file: str, function: str, arguments: list[str | None]) -> Message:
    context, text, plural = (None if n is None else arguments[n] for n in KEYWORDS[function])
    if not text:
        raise ValueError(f"{file}: {function} needs a literal, not an expression")
    return Message(file, text, plural or "", context)


def _counted(file: str, word: str, words: str = "") -> Message:
    return Message(file, f"{{count}} {word}", f"{{count}} {words or f'{word}s'}")


def catalog() -> Catalog:
    """All of them, each once, with the files that show it."""
    found = Catalog(locale="en", fuzzy=False)
    for message in messages():
        found.add(message.id, locations=[(message.file, 0)], context=message.context)
    return found


def template_file() -> str:
    """The catalog as translators' programs read it. Without dates and lines, so that it changes with a text alone."""
    written = io.BytesIO()
    write_po(written, catalog(), width=110, omit_header=True, sort_output=True, include_lineno=False)
    return HEADER + written.getvalue().decode()
