"""What a check finds and what is wrong, as errors carry it and rows keep it. Sentences: tests/runners/reasons."""

from tfci.core.reasons import Other, Severity
from tfci.forges import findings, problems
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.findings import ForgeReason
from tfci.forges.problems import ForgeProblem

URL = "https://git.example.org"


def test_one_of_several_comes_back_from_a_row():
    for reason in (problems.TokenLacksScope("a:read", URL, ("a:read", "b:write")), findings.Listed()):
        kept = problems.stored(reason)
        assert problems.read(kept["code"], kept["params"]) == reason


def test_problems_alone_are_errors():
    assert all(reason.severity == Severity.ERROR for reason in ForgeProblem.known.values())
    assert all(reason.severity != Severity.ERROR for reason in ForgeReason.known.values())


def test_rows_of_before_and_of_later_versions_can_be_read():
    assert problems.read("other", {"text": "Renew it."}) == Other("Renew it.")
    assert problems.read("comes_later", {"at": 3}) == Other("comes_later")


def test_what_a_forge_wrote_has_room_in_a_row():
    reason = problems.NotOwner("acme", "a\x00b" * 1000)
    assert "\x00" not in reason.said and len(reason.said) == 1000


def test_an_error_carries_its_problem():
    unknown = problems.TokenUnknown(URL)
    assert (ForgeRefused(unknown).reason, str(ForgeRefused(unknown))) == (unknown, str(unknown))
    assert Unreachable("No answer.").reason == problems.NoForgeAnswer("No answer.")
