"""`Forge.check`: each kind of forge says what a connection is good for, and what it lacks."""

import pytest

from tests.contracts.forges import has
from tfci.core.http_client import Policy
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.findings import CheckSubject
from tfci.forges.problems import ProblemCode


def test_a_complete_connection_has_no_findings(connection, driver):
    checked = driver.check()
    assert (checked.login, checked.problems) == (connection.owner, ())
    assert checked.version


@has("scopes")
def test_each_missing_scope_is_a_problem_of_its_own(connection):
    for scope in connection.scopes:
        token = connection.token([other for other in connection.scopes if other != scope])
        [problem] = connection.driver(token=token).check().problems
        assert _lacking(problem) == scope
    useless = connection.driver(token=connection.token(["write:issue"])).check().problems
    assert sorted(map(_lacking, useless)) == sorted(connection.scopes)


def _lacking(problem):
    assert problem.code in (ProblemCode.TOKEN_LACKS_SCOPE, ProblemCode.TOKEN_LACKS_PERMISSION)
    return getattr(problem, "scope", "") or problem.permission


def test_a_link_by_someone_who_does_not_own_it_says_so(connection):
    checked = connection.driver(token=connection.token(connection.scopes, user=connection.member())).check()
    [problem] = checked.problems
    assert problem.code == connection.not_owned


@has("names")
def test_one_that_is_not_there_is_named(connection):
    [problem] = connection.driver(name=connection.nobody).check().problems
    assert problem.code == connection.unseen
    assert connection.nobody in problem.params.values()


def test_each_thing_that_a_check_looks_at_is_a_finding_of_its_own(connection, driver):
    findings = driver.check().findings
    assert [finding.subject for finding in findings][-2:] == [CheckSubject.JOBS, CheckSubject.RUNNERS]
    assert len({finding.subject for finding in findings}) == len(findings) >= 4
    assert not any(finding.is_problem for finding in findings)


def test_an_unknown_token_is_refused(connection):
    with pytest.raises(ForgeRefused) as refused:
        connection.driver(token="0" * 40).check()
    assert refused.value.reason.code == ProblemCode.TOKEN_UNKNOWN


def test_an_old_forge_is_told_which_version_is_needed(connection):
    with connection.forge.version(connection.old_version):
        checked = connection.driver().check()
    assert checked.version == connection.old_version
    assert [problem.code for problem in checked.problems] == [ProblemCode.VERSION_TOO_OLD]


@has("relatives")
def test_a_forge_of_another_kind_is_refused(connection):
    with (
        connection.forge.version(connection.foreign_version),
        pytest.raises(ForgeRefused, match="can't be connected"),
    ):
        connection.driver().check()


def test_an_address_that_is_no_forge_is_refused(connection, receiver):
    with pytest.raises(ForgeRefused, match="There is no"):
        connection.driver(url=receiver.address, policy=Policy(allow_private=True)).check()


def test_an_address_where_nobody_answers_is_unreachable(connection, receiver):
    receiver.close()
    with pytest.raises(Unreachable):
        connection.driver(url=receiver.address, policy=Policy(allow_private=True)).check()


def test_a_private_address_is_refused_where_it_is_not_allowed(connection):
    with pytest.raises(ForgeRefused, match="private address"):
        connection.driver(policy=Policy()).check()
