"""images/practice_expressions.py: what `${{ … }}` and `if:` mean."""

import pytest
from hypothesis import given, settings, strategies as st

from tests.images.programs import load

expressions = load("practice_expressions.py")
condition, evaluate, fill, Unclear = (
    expressions.condition,
    expressions.evaluate,
    expressions.fill,
    expressions.Unclear,
)


def names(status="success"):
    return {
        "github": {"ref": "refs/heads/main", "event": {"commits": [{"id": "c1"}], "draft": False}},
        "env": {"EMPTY": "", "NAME": "Ada"},
        "matrix": {"n": "2", "os": "linux"},
        "success": lambda: status == "success",
        "failure": lambda: status == "failure",
        "cancelled": lambda: status == "cancelled",
        "always": lambda: True,
    }


@pytest.mark.parametrize(
    "text, value",
    [
        ("github.ref", "refs/heads/main"),
        ("github['ref']", "refs/heads/main"),
        ("GitHub.Ref", "refs/heads/main"),
        ("github.event.commits[0].id", "c1"),
        ("github.event.commits[7].id", None),
        ("github.nothing.at.all", None),
        ("nobody.knows", None),
        ("'it''s'", "it's"),
        ("true", True),
        ("null", None),
        ("matrix.n == 2", True),
        ("matrix.n > 1 && matrix.n <= 2", True),
        ("'MAIN' == 'main'", True),
        ("'' == 0", True),
        ("'x' == 1", False),
        ("env.NAME != 'Bob'", True),
        ("env.EMPTY || 'other'", "other"),
        ("env.NAME && 'yes' || 'no'", "yes"),
        ("!(true && false) && !false", True),
        ("!!env.EMPTY", False),
        ("contains(github.ref, 'HEADS')", True),
        ("contains(fromJSON('[1, 2]'), 2)", True),
        ("startsWith(github.ref, 'refs/') && endsWith(github.ref, 'main')", True),
        ("format('{0} of {1}', matrix.n, matrix.os)", "2 of linux"),
        ("join(fromJSON('[1, true]'), '-')", "1-true"),
    ],
)
def test_an_expression_has_its_value(text, value):
    assert evaluate(text, names()) == value


@pytest.mark.parametrize(
    "text",
    ["", "'open", "a b", "(true", "github.", "true &&", "hashFiles('x')", "fromJSON('{')", "#", "(" * 90],
)
def test_what_can_t_be_evaluated_is_said(text):
    with pytest.raises(Unclear) as unclear:
        evaluate(text, names())
    assert str(unclear.value).endswith(".")


def test_texts_are_filled_in():
    assert fill("${{ env.NAME }} on ${{matrix.os}}, ${{ env.nothing }}!", names()) == "Ada on linux, !"
    assert fill("no expression, $HOME", names()) == "no expression, $HOME"
    assert fill(True, names()) == "true"
    assert fill(None, names()) == ""


@pytest.mark.parametrize(
    "written, status, holds",
    [
        (None, "success", True),
        (None, "failure", False),
        ("", "failure", False),
        (False, "success", False),
        (True, "success", True),
        (True, "failure", False),
        ("matrix.os == 'linux'", "success", True),
        ("matrix.os == 'linux'", "failure", False),
        ("${{ matrix.os == 'mac' }}", "success", False),
        ("always()", "failure", True),
        ("${{ failure() }}", "failure", True),
        ("failure()", "success", False),
        ("always() && matrix.os == 'mac'", "failure", False),
        ("!cancelled()", "failure", True),
        ("!cancelled()", "cancelled", False),
        ("${{ false }} and text", "success", True),
    ],
)
def test_a_condition_holds_or_not(written, status, holds):
    assert condition(written, names(status)) is holds


@settings(max_examples=300, derandomize=True)
@given(st.text(st.sampled_from("ab1 .()[]'!=&|<>,-_"), max_size=30))
def test_noise_has_a_value_or_is_unclear(text):
    try:
        evaluate(text, names())
    except Unclear as unclear:
        assert str(unclear)
