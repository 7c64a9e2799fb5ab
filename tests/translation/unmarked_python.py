"""Texts of Python modules that no translator would get to see."""

import ast
import re
from collections.abc import Iterator

from tests.translation.extraction import KEYWORDS
from tests.translation.words import is_text

PHRASE = re.compile(r"[A-Za-z’']{2,}[,.:;]? [A-Za-z’']+")  # more than one word
# SQL, HTML, heads of HTTP, names of classes: what machines read
MACHINES = re.compile(
    r"\s*(\(?SELECT |show |INSERT |UPDATE |DELETE |WITH |<|attachment; |text/|application/|\w+\[|spark-bar |data-)"
)
LABELS = {"label", "help_text", "empty_label", "placeholder", "title", "aria-label"}
LOGGERS = {"log", "logger"}
TYPED = {"also"}  # keywords with words that people type
CHOICES = {"TextChoices", "IntegerChoices", "Choices"}


def of_python(source: str) -> list[str]:
    """What reads like a text for people but isn't marked, each with its line."""
    tree = ast.parse(source)
    unseen = {id(node) for node in _not_shown(tree)}
    found = {
        (node.lineno, " ".join(text.split()))
        for node in ast.walk(tree)
        if id(node) not in unseen
        for text in _texts(node)
    }
    return [f"{line}: {text}" for line, text in sorted(found)]


def _texts(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.JoinedStr(values=parts):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            yield from _phrase(text)
        case ast.Constant(value=str(text)):
            yield from _phrase(text)
        case ast.keyword(arg=name, value=ast.Constant(value=str(text))) if name in LABELS and is_text(text):
            yield text
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                match key, value:
                    case ast.Constant(value=name), ast.Constant(value=str(text)):
                        if name in LABELS and is_text(text):
                            yield text
        case ast.ClassDef(bases=bases, body=body) if any(_name(base) in CHOICES for base in bases):
            for line in body:
                match line:
                    case ast.Assign(value=ast.Tuple(elts=[_, ast.Constant(value=str(text))])):
                        yield text


def _phrase(text: str) -> Iterator[str]:
    if PHRASE.search(text) and not MACHINES.match(text):
        yield text


def _not_shown(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, marked texts, what goes to a log or comes from people; parts of f-strings, which count as a whole."""
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.body and isinstance(node.body[0], ast.Expr):
                    yield node.body[0].value
            case ast.JoinedStr(values=parts):
                yield from parts
            case ast.Call(func=function) if _name(function) in KEYWORDS or _name(function) == "plural":
                yield from node.args
            case ast.keyword(arg=name) if name in TYPED:
                yield node.value
            case ast.Call(func=ast.Attribute(value=ast.Name(id=whose))) if whose in LOGGERS:
                yield from ast.walk(node)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
