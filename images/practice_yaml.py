"""Reads the part of YAML that a forge sends a workflow in; says what is beyond it.

Maps and lists in blocks, flow lists and maps, plain and quoted text over one or more lines, `|` and `>`.
Values are text as written (1.10 stays 1.10), but true, false, null and nothing, which are bool and None.
"""

import re

DEPTH = 40
WHITE = " \t"  # all other white space is text
NULL = ("", "~", "null", "Null", "NULL")
ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
BEYOND = {
    "&": "anchors", "*": "aliases", "!": "tags", "%": "directives", "?": "complex keys",
    "@": "texts that start with @", "`": "texts that start with `",
}  # fmt: skip
DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
SINGLE = re.compile(r"'(?:[^']|'')*'(?!')", re.DOTALL)
PLAIN_KEY = re.compile(r"(?:[^\s#:]|:(?=\S)|(?<=\S)#| +(?=[^\s#]))*?(?=\s*:(?:\s|$))", re.ASCII)
FLOW_PLAIN = re.compile(r"(?:[^\s,\[\]{}#:]|:(?=[^\s,\[\]{}])|(?<=\S)#|\s+(?=[^\s#,\[\]{}:]))+", re.ASCII)


class Beyond(Exception):
    """The text is no YAML, or of a kind that is not read here; str() is a sentence."""


def read(text):
    """The document: dict, list, str, bool or None. Raises Beyond."""
    reader = Reader(text)
    found = reader.node(-1, 0)
    if reader.peek() is not None:
        reader.fail("this does not belong to what stands above it")
    return found


class Reader:
    """A place in the lines of a document. Each method reads one thing and leaves the place behind it."""

    def __init__(self, text):
        self.lines = text.replace("\r\n", "\n").removesuffix("\n").removesuffix("\n...").split("\n")
        self.at = 0

    def fail(self, what):
        number = min(self.at + 1, len(self.lines))
        raise Beyond(f"Line {number} of the workflow can't be read here: {what}.")

    def refuse(self, text):
        """What begins like this is YAML, but not ours."""
        if text[0] in BEYOND and (text[0] != "?" or text[1:2] in ("", " ", "\t")):
            self.fail(f"{BEYOND[text[0]]} are not known")

    def peek(self):
        """The indent of the next line that holds something; None at the end."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            text = line.lstrip(" ")
            if text.startswith("\t") and text.strip(WHITE):
                self.fail("a tab can't indent")
            if re.match(r"(---|\.\.\.)([ \t]|$)", line):
                self.fail("marks of documents are not known")
            if text.strip(WHITE) and not text.startswith("#"):
                return len(line) - len(text)
            self.at += 1
        return None

    def node(self, outer, depth):
        """What stands deeper than `outer`, from the next line on; None where nothing does."""
        if depth > DEPTH:
            self.fail("it is nested too deeply")
        indent = self.peek()
        if indent is None or indent <= outer:
            return None
        text = self.lines[self.at][indent:]
        if is_item(text):
            return self.sequence(indent, depth)
        if self.key(text):
            return self.mapping(indent, depth)
        return self.scalar(text, outer, depth)

    def sequence(self, indent, depth):
        items = []
        while self.peek() == indent and is_item(self.lines[self.at][indent:]):
            rest = self.lines[self.at][indent + 1 :]
            if not rest.strip(WHITE) or rest.lstrip(WHITE).startswith("#"):
                self.at += 1
            else:  # what follows the dash is a node of its own, as deep as it stands
                self.lines[self.at] = " " * (indent + 1) + rest
            items.append(self.node(indent, depth + 1))
        return items

    def mapping(self, indent, depth):
        found = {}
        while self.peek() == indent and not is_item(self.lines[self.at][indent:]):
            pair = self.key(self.lines[self.at][indent:])
            if not pair:
                self.fail("a key and a colon are missing")
            key, rest = pair
            if key in found:
                self.fail(f"{key} is there twice")
            found[key] = self.value(rest, indent, depth)
        if (self.peek() or 0) > indent:
            self.fail("it is indented too far")
        return found

    def key(self, text):
        """(key, what follows its colon), or None where the line starts with no key."""
        quoted = {'"': DOUBLE, "'": SINGLE}.get(text[0])
        match = (quoted or PLAIN_KEY).match(text)
        colon = match and re.match(r"[ \t]*:(?=[ \t]|$)", text[match.end() :])
        if not colon or (not quoted and text[0] in "[{|>"):
            return None
        if not match[0]:
            self.fail("a key is missing")
        if not quoted:
            self.refuse(text)
        return (unquote(match[0]) if quoted else match[0]), text[match.end() + colon.end() :]

    def value(self, rest, indent, depth):
        rest = rest.lstrip(WHITE)
        if rest and not rest.startswith("#"):
            return self.scalar(rest, indent, depth)
        self.at += 1
        inside = self.peek()
        if inside == indent and is_item(self.lines[self.at][indent:]):
            return self.sequence(indent, depth + 1)
        return self.node(indent, depth + 1)

    def scalar(self, text, outer, depth):
        """A value that starts with `text`, on this line; its other lines stand deeper than `outer`."""
        if text[0] in "|>":
            return self.block(text, outer)
        self.refuse(text)
        if text[0] in "\"'":
            return unquote(self.whole(text, DOUBLE if text[0] == '"' else SINGLE))
        if text[0] in "[{":
            return Flow(self, text, depth).read()
        if text[0] in ",]}" or is_item(text):
            self.fail(f"{text[0]} can't begin a value")
        return self.plain(text, outer)

    def whole(self, text, pattern):
        """All of a quoted text, whose end may stand on a later line."""
        while not (match := pattern.match(text)):
            self.at += 1
            if self.at >= len(self.lines):
                self.fail("a quote is not closed")
            text += "\n" + self.lines[self.at]
        self.end(text[match.end() :])
        return match[0]

    def end(self, rest):
        """Nothing but a comment may follow on this line."""
        if rest.strip(WHITE) and not re.match(r"[ \t]+#", rest):
            self.fail(f"{rest.strip(WHITE)[:20]!r} is left over")
        self.at += 1

    def plain(self, text, outer):
        lines, ended = [], False
        while not ended:
            kept = re.split(r"(?:^|[ \t])#", text, maxsplit=1)[0]
            if re.search(r":([ \t]|$)", kept):
                self.fail("a text with a colon needs quotes")
            lines.append(kept.strip(WHITE))
            ended = kept != text
            self.at += 1
            start = self.at
            indent = self.peek()
            between = self.lines[start : self.at]
            if indent is None or indent <= outer or any("#" in line for line in between):
                break
            lines += [""] * len(between)
            text = self.lines[self.at]
        return typed(fold(lines))

    def block(self, header, outer):
        """`|` keeps line ends, `>` folds them; then how deep it stands, and what becomes of the last ones."""
        match = re.fullmatch(r"([|>])([1-9]?)([+-]?)([1-9]?)([ \t]+#.*|[ \t]*)", header)
        if not match:
            self.fail("this is no way to begin a block of text")
        style, width, chomp = match[1], match[2] or match[4], match[3]
        self.at += 1
        depth = max(outer, 0) + int(width) if width else self.depth_of_block(outer)
        lines = []
        while self.at < len(self.lines) and is_inside(self.lines[self.at], depth):
            lines.append(self.lines[self.at][depth:])
            self.at += 1
        kept = "\n".join(lines).rstrip("\n")
        ends = "\n" * (len("\n".join(lines)) - len(kept) + 1) if lines else ""
        if style == ">":
            kept = fold_block(kept.split("\n"))
        return kept + {"-": "", "+": ends, "": "\n" if kept else ""}[chomp]

    def depth_of_block(self, outer):
        """As deep as its first line of text, or, without one, as its longest empty line."""
        longest = outer + 1
        for line in self.lines[self.at :]:
            indent = len(line) - len(line.lstrip(" "))
            if indent < len(line):
                return indent if indent > outer else longest
            longest = max(longest, indent)
        return longest


class Flow:
    """A list or map in brackets, perhaps over several lines."""

    def __init__(self, reader, text, depth):
        self.reader, self.text, self.at, self.depth = reader, text, 0, depth

    def read(self):
        found = self.node()
        self.reader.end(self.text[self.at :])
        return found

    def skip(self):
        """To the next character that counts, on a later line if need be; returns it."""
        while True:
            self.at += len(re.match(r"(?:[ \t\n]|(?:(?<=[ \t\n])|^)#[^\n]*)*", self.text[self.at :])[0])
            if self.at < len(self.text):
                return self.text[self.at]
            self.reader.at += 1
            if self.reader.at >= len(self.reader.lines):
                self.reader.fail("a bracket is not closed")
            self.text += "\n" + self.reader.lines[self.reader.at]

    def node(self):
        mark = self.skip()
        if mark in "[{":
            return self.inside(self.items if mark == "[" else self.pairs)
        return self.scalar(mark)

    def inside(self, read):
        self.depth += 1
        if self.depth > DEPTH:
            self.reader.fail("it is nested too deeply")
        self.at += 1
        found = read()
        self.at += 1
        self.depth -= 1
        return found

    def items(self):
        found = []
        while self.skip() != "]":
            item = self.node()
            found.append({self.key(item): self.pair()} if self.skip() == ":" else item)
            self.comma("]")
        return found

    def pairs(self):
        found = {}
        while self.skip() != "}":
            if self.text[self.at] == ":":
                self.reader.fail("a key is missing")
            key = self.key(self.node())
            if key in found:
                self.reader.fail(f"{key} is there twice")
            found[key] = self.pair() if self.skip() == ":" else None
            self.comma("}")
        return found

    def key(self, found):
        if not isinstance(found, str):
            self.reader.fail("a key must be text")
        return found

    def pair(self):
        """What follows the colon."""
        self.at += 1
        return None if self.skip() in ",]}" else self.node()

    def comma(self, close):
        if self.skip() == ",":
            self.at += 1
        elif self.text[self.at] != close:
            self.reader.fail(f"a comma or {close} is missing")

    def scalar(self, mark):
        self.reader.refuse(mark)
        if mark == ",":
            self.reader.fail("there is nothing before a comma")
        pattern = {'"': DOUBLE, "'": SINGLE}.get(mark, FLOW_PLAIN)
        while not (match := pattern.match(self.text, self.at)) or match.end() == len(self.text):
            self.reader.at += 1  # it may go on there
            if self.reader.at >= len(self.reader.lines):
                self.reader.fail("a bracket is not closed")
            self.text += "\n" + self.reader.lines[self.reader.at]
        self.at = match.end()
        if mark in "\"'":
            return unquote(match[0])
        if re.match(r":[,\[\]{}]", self.text[self.at :]):
            self.reader.fail("a space is missing behind a colon")
        return typed(fold([line.strip(WHITE) for line in match[0].split("\n")]))


def is_item(text):
    return text == "-" or text.startswith(("- ", "-\t"))


def is_inside(line, depth):
    return not line.strip(" ") or len(line) - len(line.lstrip(" ")) >= depth


def typed(text):
    if text in NULL:
        return None
    return {"true": True, "false": False}.get(text, text)


def unquote(text):
    """What a text in quotes says."""
    quote, inside = text[0], text[1:-1]
    if quote == "'":
        return fold_quoted(inside).replace("''", "'")
    held = re.sub(r"\\\n[ \t]*", "", inside)  # an escaped line end is none
    return ESCAPE.sub(unescape, fold_quoted(held))


def unescape(match):
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16))
    if match[4] not in ESCAPES:
        raise Beyond(f"\\{match[4]} in a quoted text of the workflow is not known.")
    return ESCAPES[match[4]]


def fold_quoted(text):
    first, *others = text.split("\n")
    if not others:
        return first
    return fold([first.rstrip(" \t"), *(line.strip(" \t") for line in others[:-1]), others[-1].lstrip(" \t")])


def fold(lines):
    """One line end is a space, each further one a line end."""
    text, empty = lines[0], 0
    for line in lines[1:-1] if len(lines) > 1 else []:
        text, empty = (text, empty + 1) if not line else (text + ("\n" * empty or " ") + line, 0)
    return text + ("\n" * empty or " ") + lines[-1] if len(lines) > 1 else text


def fold_block(lines):
    """As fold(), but lines that stand deeper keep their line ends on both sides."""
    text, empty, before = "", 0, None
    for line in lines:
        if not line:
            empty += 1
            continue
        deeper = line[0] in " \t"
        if before is None:
            text = "\n" * empty
        elif deeper or before:
            text += "\n" * (empty + 1)
        else:
            text += "\n" * empty or " "
        text, empty, before = text + line, 0, deeper
    return text
