"""`Forge.check`: each kind of forge says what a connection is good for, and what it lacks."""

import pytest

from tests.contracts.forges import has
from tfci.core.http_client import Policy
from tfci.forges.errors import ForgeRefused, Unreachable


def test_a_complete_link_has_nothing_to_mend(connection, driver):
    checked = driver.check()
    assert (checked.login, checked.missing) == (connection.owner, ())
    assert checked.version


@has("scopes")
def test_each_missing_scope_gets_its_own_sentence(connection):
    for scope in connection.scopes:
        token = connection.token([other for other in connection.scopes if other != scope])
        missing = connection.driver(token=token).check().missing
        assert len(missing) == 1
        assert scope in missing[0].partition(".")[0]
    useless = connection.driver(token=connection.token(["write:issue"])).check().missing
    assert sorted(sentence.partition(".")[0].rsplit(" ", 1)[1] for sentence in useless) == sorted(
        connection.scopes
    )


def test_a_link_by_someone_who_does_not_own_it_says_so(connection):
    checked = connection.driver(token=connection.token(connection.scopes, user=connection.member())).check()
    assert len(checked.missing) == 1
    assert connection.not_owned in checked.missing[0]


@has("names")
def test_one_that_is_not_there_is_named(connection):
    (sentence,) = connection.driver(name=connection.nobody).check().missing
    assert connection.unseen in sentence


def test_each_thing_that_a_check_looks_at_is_a_finding_of_its_own(connection, driver):
    findings = driver.check().findings
    assert [finding.what for finding in findings][-2:] == ["Jobs", "Runners"]
    assert len({finding.what for finding in findings}) == len(findings) >= 4
    assert all(finding.said and not finding.mend for finding in findings)


def test_an_unknown_token_is_refused(connection):
    with pytest.raises(ForgeRefused, match="does not know this token"):
        connection.driver(token="0" * 40).check()


def test_an_old_forge_is_told_which_version_is_needed(connection):
    with connection.forge.version(connection.old_version):
        checked = connection.driver().check()
    assert checked.version == connection.old_version
    assert len(checked.missing) == 1
    assert "update it" in checked.missing[0]


@has("relatives")
def test_a_forge_of_another_kind_is_refused(connection):
    with (
        connection.forge.version(connection.foreign_version),
        pytest.raises(ForgeRefused, match="can't be linked"),
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
