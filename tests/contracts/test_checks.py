"""`Forge.check`: each kind of forge says what a connection is good for, and what it lacks."""

import pytest

from tests.contracts.forges import has
from tfci.core.http_client import Policy
from tfci.forges.errors import ForgeRefused, Unreachable


def test_a_complete_link_has_nothing_to_mend(org, driver):
    checked = driver.check()
    assert (checked.login, checked.missing) == (org.owner, ())
    assert checked.version


@has("scopes")
def test_each_missing_scope_gets_its_own_sentence(org):
    for scope in org.scopes:
        token = org.token([other for other in org.scopes if other != scope])
        missing = org.driver(token=token).check().missing
        assert len(missing) == 1
        assert scope in missing[0].partition(".")[0]
    useless = org.driver(token=org.token(["write:issue"])).check().missing
    assert sorted(sentence.partition(".")[0].rsplit(" ", 1)[1] for sentence in useless) == sorted(org.scopes)


def test_a_link_by_someone_who_does_not_own_it_says_so(org):
    checked = org.driver(token=org.token(org.scopes, user=org.member())).check()
    assert len(checked.missing) == 1
    assert org.not_owned in checked.missing[0]


@has("names")
def test_one_that_is_not_there_is_named(org):
    (sentence,) = org.driver(name=org.nobody).check().missing
    assert org.unseen in sentence


def test_each_thing_that_a_check_looks_at_is_a_finding_of_its_own(org, driver):
    findings = driver.check().findings
    assert [finding.what for finding in findings][-2:] == ["Jobs", "Runners"]
    assert len({finding.what for finding in findings}) == len(findings) >= 4
    assert all(finding.said and not finding.mend for finding in findings)


def test_an_unknown_token_is_refused(org):
    with pytest.raises(ForgeRefused, match="does not know this token"):
        org.driver(token="0" * 40).check()


def test_an_old_forge_is_told_which_version_is_needed(org):
    with org.forge.version(org.old_version):
        checked = org.driver().check()
    assert checked.version == org.old_version
    assert len(checked.missing) == 1
    assert "update it" in checked.missing[0]


@has("relatives")
def test_a_forge_of_another_kind_is_refused(org):
    with org.forge.version(org.foreign_version), pytest.raises(ForgeRefused, match="can't be linked"):
        org.driver().check()


def test_an_address_that_is_no_forge_is_refused(org, receiver):
    with pytest.raises(ForgeRefused, match="There is no"):
        org.driver(url=receiver.address, policy=Policy(allow_private=True)).check()


def test_an_address_where_nobody_answers_is_unreachable(org, receiver):
    receiver.close()
    with pytest.raises(Unreachable):
        org.driver(url=receiver.address, policy=Policy(allow_private=True)).check()


def test_a_private_address_is_refused_where_it_is_not_allowed(org):
    with pytest.raises(ForgeRefused, match="private address"):
        org.driver(policy=Policy()).check()
