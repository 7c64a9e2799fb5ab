"""images/practice_yaml.py, against ruamel.yaml: what it reads it reads the same way, all else it refuses."""

import io

import pytest
from hypothesis import given, settings, strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from tests.images.programs import load

practice_yaml = load("practice_yaml.py")
read, Beyond = practice_yaml.read, practice_yaml.Beyond


def peer(text):
    """What ruamel.yaml reads, in our terms: text as written, but for true, false and nothing."""

    def ours(value):
        if isinstance(value, dict):
            return {key: ours(item) for key, item in value.items()}
        if isinstance(value, list):
            return [ours(item) for item in value]
        return value

    return ours(YAML(typ="base", pure=True).load(text))


def plain(value):
    """Our reading without kinds, as ruamel's base loader gives it. None has many spellings."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return "" if value in ("~", "null", "Null", "NULL") else value
    return {True: "true", False: "false", None: ""}[value]


RECORDED = """\
name: recorded
"on": [push]
jobs:
    build:
        name: build
        runs-on: small
        env:
            A: one
        steps:
            - name: say
              run: |
                echo hello
                echo again
            - run: exit 0
"""
CASES = [
    RECORDED,
    "a: 1.10\nb: yes\nc: 0x1F\nd: 2026-11-24\n",
    "a:\n- 1\n- 2\nb: 3\n",
    "a:\n  - b: 1\n    c: 2\n  -   d: 3\n      e: 4\n  - - x\n    - y\n",
    "a: |-\n  one\n\n  two\n\nb: |+\n  one\n\nc: |\n  one\n   two\n",
    "a: |2\n    indented\n  not\nb: >\n  folded\n  text\n\n  and\n    deeper\n  out\n",
    "a: >-\n  one\n  two\n\n\n  three\nb: >+\n  one\n\n",
    "a: |\n  # no comment\n  x # none either\n",
    "a: 'it''s'\nb: \"tab\\tnew\\nx41\\x41\\u00e9\"\n'c d': \"e: f\"\n\"g\": h\n",
    "a: one\n  two\n\n  three\nb: 'one\n  two'\nc: \"one\n\n  two \\\n  three\"\n",
    "a: [1, 'two', \"three\", four five, {x: y, z: [w]}]\nb: {c: d, e: , f: 'g'}\nc: []\nd: {}\n",
    "a: [one,\n  two, # with a comment\n  three\n  ]\nb: {c: d,\n    e: f}\n",
    "a: b # comment\n# comment\nc: d#e\nf: g #\n",
    "a:\n    # comment\n    b: c\n\n\n    d: e\n",
    "url: http://127.0.0.1:80/x\nexpr: ${{ github.ref }}\ncmd: echo a:b && [ -f x ] || true\n",
    "a:\nb: c\n",
    "a: -1\nb: - \n".replace("b: - \n", ""),
    "- a\n- b: c\n- |\n  d\n-\n  e: f\n",
    "plain text\n",
    "",
    "a: ''\nb: \"\"\nc: '\n  x'\n",
    "a b c: d\n? : x\n".replace("? : x\n", ""),
    "if: github.ref == 'refs/heads/main'\nx: !!str 1\n".replace("x: !!str 1\n", ""),
    '"a": ["b",\'c\']\n',
    "a: |\n\n  x\nb: >\n\n  y\n   z\n\n  w\n",
    "a: |\nb: c\n",
]


@pytest.mark.parametrize("text", CASES)
def test_it_reads_as_ruamel_does(text):
    assert plain(read(text)) == plain(peer(text))


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("a: &x 1\n", "Line 1 of the workflow can't be read here: anchors are not known."),
        ("a:\n  b: *x\n", "Line 2 of the workflow can't be read here: aliases are not known."),
        ("a: !!int 1\n", "Line 1 of the workflow can't be read here: tags are not known."),
        ("? a\n: b\n", "Line 1 of the workflow can't be read here: complex keys are not known."),
        ("a: 1\na: 2\n", "Line 2 of the workflow can't be read here: a is there twice."),
        ("a: b: c\n", "Line 1 of the workflow can't be read here: a text with a colon needs quotes."),
        ("a:\n  b: 1\n    c: 2\n", None),
        ("a: 1\n b: 2\n", None),
        ("a:\n\t- b\n", "Line 2 of the workflow can't be read here: a tab can't indent."),
        ("a: 'open\n", None),
        ("a: [open\n", None),
        ("a: [[b]: c]\n", None),
        ("a: 'b' c\n", None),
        ("a: |x\n  b\n", None),
        ("a: b\nplain\n", None),
        ("- a\nb: c\n", None),
        ('a: "\\q"\n', None),
        ("--- \na: b\n", None),
        ("- " * 100 + "a\n", None),
        ("[" * 100 + "]" * 100, None),
    ],
)
def test_what_it_can_t_read_it_refuses_with_the_line(text, sentence):
    with pytest.raises(Beyond) as refused:
        read(text)
    assert sentence is None or str(refused.value) == sentence


def test_truth_and_nothing_have_kinds_and_all_else_is_text():
    assert read("a: true\nb: false\nc: ~\nd:\ne: null\nf: 'true'\ng: 1.10\n") == {
        "a": True,
        "b": False,
        "c": None,
        "d": None,
        "e": None,
        "f": "true",
        "g": "1.10",
    }


CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\x85"
)
WORDS = st.text(st.sampled_from("ab1 :#-'\"[]{},|>&*!%@`~?=$\\\t\n.") | CHARACTERS, max_size=24)
LINES = st.lists(st.text(st.sampled_from("ab1 :#-'\"[]{}$\\"), max_size=12), min_size=2, max_size=6).map(
    "\n".join
)
KEYS = st.text(st.sampled_from("abcdefghij-_. 1"), min_size=1, max_size=8)


def styled(text, style):
    if style in (LiteralScalarString, FoldedScalarString) and not text.strip():
        return text
    return style(text)


WORDS = WORDS.filter(lambda text: not text.startswith("?"))  # ruamel can't read its own `[?0]`
STYLES = st.sampled_from(
    [str, str, LiteralScalarString, FoldedScalarString, SingleQuotedScalarString, DoubleQuotedScalarString]
)
TEXTS = st.builds(styled, WORDS | LINES, STYLES)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400, derandomize=True)
@given(
    st.dictionaries(KEYS, VALUES, max_size=5),
    st.sampled_from([(2, 2, 0), (4, 6, 4), (4, 4, 2)]),
    st.booleans(),
)
def test_it_reads_what_ruamel_writes(document, indent, flow):
    yaml = YAML()
    yaml.indent(mapping=indent[0], sequence=indent[1], offset=indent[2])
    yaml.width = 4096
    yaml.default_flow_style = flow
    out = io.StringIO()
    yaml.dump(document, out)
    text = out.getvalue()
    assert plain(read(text)) == plain(peer(text)), text


@settings(max_examples=400, derandomize=True)
@given(st.text(st.sampled_from("ab: \n\t-'\"[]{},|>&#?\\1"), max_size=40).map("{}\n".format))
def test_noise_is_read_as_ruamel_reads_it_or_refused(text):
    try:
        ours = read(text)
    except Beyond:
        return
    try:
        theirs = peer(text)
    except Exception:  # ours may be milder than YAML is, as long as it says what is there
        return
    assert plain(ours) == plain(theirs), repr(text)
