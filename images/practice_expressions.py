"""Evaluates `${{ … }}` and `if:` of a workflow: names, literals, comparison, and, or, not, some functions.

As GitHub writes it: texts compare without case, values of different kinds as numbers, and `&&` and `||`
give one of their sides. A name that nobody knows is empty.
"""

import json
import math
import re

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?))"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!()\[\].,]))"
)
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = re.compile(r"\b(success|failure|always|cancelled)\s*\(")
LITERALS = {"true": True, "false": False, "null": None}
COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
DEPTH = 50


class Unclear(Exception):
    """An expression that can't be evaluated here; str() is a sentence."""


def fill(text, names):
    """The text with every expression replaced. Raises Unclear."""
    return EXPRESSION.sub(lambda found: as_text(evaluate(found[1], names)), as_text(text))


def condition(written, names):
    """Whether `if: written` holds. Without a status function, all before must have succeeded."""
    text = as_text(written).strip()
    if text.count("${{") == 1 and (whole := EXPRESSION.fullmatch(text)):
        text = whole[1].strip()
    value = fill(text, names) if "${{" in text else evaluate(text or "true", names)
    return truth(value) and bool(STATUS.search(text) or names["success"]())


def evaluate(text, names):
    """The value of one expression. `names` holds contexts (mappings) and functions. Raises Unclear."""
    return Parser(text, names).whole()


class Parser:
    """Reads and evaluates at once: no part of an expression has an effect."""

    def __init__(self, text, names):
        self.text, self.names, self.depth = text.strip(), names, 0
        self.tokens = list(self.split())
        self.at = 0

    def split(self):
        at = 0
        while at < len(self.text):
            match = TOKEN.match(self.text, at)
            if not match:
                raise Unclear(f"The expression {self.text!r} can't be read here.")
            yield match.lastgroup, match[match.lastgroup]
            at = match.end()

    def whole(self):
        value = self.either()
        if self.at < len(self.tokens):
            raise Unclear(f"The expression {self.text!r} can't be read here.")
        return value

    def take(self, *signs):
        """The next token if it is one of these signs."""
        kind, token = self.tokens[self.at] if self.at < len(self.tokens) else (None, None)
        if kind == "sign" and token in signs:
            self.at += 1
            return token
        return None

    def need(self, sign):
        if not self.take(sign):
            raise Unclear(f"{sign} is missing in the expression {self.text!r}.")

    def either(self):
        self.depth += 1
        if self.depth > DEPTH:
            raise Unclear("An expression is nested too deeply.")
        value = self.both()
        while self.take("||"):
            other = self.both()
            value = value if truth(value) else other
        self.depth -= 1
        return value

    def both(self):
        value = self.comparison()
        while self.take("&&"):
            other = self.comparison()
            value = other if truth(value) else value
        return value

    def comparison(self):
        value = self.single()
        while sign := self.take("==", "!=", *COMPARE):
            other = self.single()
            if sign in COMPARE:
                value = COMPARE[sign](*comparable(value, other))
            else:
                value = same(value, other) == (sign == "==")
        return value

    def single(self):
        negations = 0
        while self.take("!"):
            negations += 1
        value = self.primary()
        return value if not negations else truth(value) != bool(negations % 2)

    def primary(self):
        if self.take("("):
            value = self.either()
            self.need(")")
            return value
        kind, token = self.tokens[self.at] if self.at < len(self.tokens) else (None, "")
        self.at += 1
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            return number(token)
        if kind == "name":
            return self.named(token)
        raise Unclear(f"The expression {self.text!r} can't be read here.")

    def named(self, name):
        if self.take("("):
            return self.call(name)
        if name in LITERALS:
            return LITERALS[name]
        value = self.names.get(name.lower())
        value = None if callable(value) else value
        while sign := self.take(".", "["):
            value = part(value, self.field(sign))
        return value

    def field(self, sign):
        if sign == "[":
            field = as_text(self.either())
            self.need("]")
            return field
        kind, token = self.tokens[self.at] if self.at < len(self.tokens) else (None, "")
        if kind != "name":
            raise Unclear(f"The expression {self.text!r} can't be read here.")
        self.at += 1
        return token

    def call(self, name):
        arguments = []
        while not self.take(")"):
            arguments.append(self.either())
            if not self.take(","):
                self.need(")")
                break
        function = FUNCTIONS.get(name.lower()) or self.names.get(name.lower())
        if not callable(function):
            raise Unclear(f"The practice engine does not know the function {name}().")
        try:
            return function(*arguments)
        except (TypeError, ValueError, IndexError) as error:
            raise Unclear(f"{name}() can't work with these values in {self.text!r}.") from error


def part(value, field):
    """One field of a context, whatever its case; None where there is none."""
    if isinstance(value, list):
        return value[int(field)] if field.isdigit() and int(field) < len(value) else None
    if not isinstance(value, dict):
        return None
    if field in value:
        return value[field]
    return next((value[key] for key in value if key.lower() == field.lower()), None)


def truth(value):
    return value not in (None, False, "", 0) and not (isinstance(value, float) and math.isnan(value))


def number(value):
    """As GitHub counts: nothing is 0, what is no number is NaN."""
    if value is None or value == "":
        return 0
    try:
        return int(value, 0) if str(value).startswith("0x") else float(value)
    except (TypeError, ValueError):
        return math.nan


def same(one, other):
    one, other = comparable(one, other)
    return one == other


def comparable(one, other):
    if isinstance(one, str) and isinstance(other, str):
        return one.lower(), other.lower()
    return number(one), number(other)


def as_text(value):
    """As it looks in a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value)


def contains(where, what):
    if isinstance(where, list):
        return any(same(item, what) for item in where)
    return as_text(what).lower() in as_text(where).lower()


def in_list(value):
    return value if isinstance(value, list) else [value]


FUNCTIONS = {
    "contains": contains,
    "startswith": lambda text, start: as_text(text).lower().startswith(as_text(start).lower()),
    "endswith": lambda text, end: as_text(text).lower().endswith(as_text(end).lower()),
    "join": lambda items, by=",": as_text(by).join(map(as_text, in_list(items))),
    "format": lambda text, *values: re.sub(r"\{(\d+)\}", lambda found: as_text(values[int(found[1])]), text),
    "tojson": lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    "fromjson": json.loads,
}
