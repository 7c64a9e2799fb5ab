"""A forge's own certificate authority: what may be pasted, and who trusts it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.tls import Authority, key_pem
from tfci.forges import authority
from tfci.forges.errors import ForgeRefused

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def corp():
    return Authority(days=100)


def test_a_certificate_is_read_with_its_name_and_end(corp):
    found = authority.read(f"\r\nsubject=CN = Example\r\n{corp.pem}".replace("\n", "\r\n"), NOW)
    assert (found.pem, found.name) == (corp.pem, "Example Corp Root")
    assert abs(found.ends_at - corp.ends) < timedelta(seconds=1)
    assert authority.known(found.pem) == found


def test_of_several_the_first_end_counts(corp):
    older = Authority("Example Old Root", days=30)
    found = authority.read(corp.pem + older.pem, NOW)
    assert found.name == "Example Corp Root" and abs(found.ends_at - older.ends) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----",
        "ä\0",
    ],
)
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises(ForgeRefused, match="not a certificate"):
        authority.read(text, NOW)


def test_a_private_key_is_refused_and_not_repeated(corp):
    secret = key_pem(corp.key)
    with pytest.raises(ForgeRefused, match="private key") as refused:
        authority.read(corp.pem + secret, NOW)
    assert secret[40:60] not in str(refused.value)


def test_a_servers_own_certificate_is_refused():
    with pytest.raises(ForgeRefused, match="server certificate"):
        authority.read(Authority(signs=False).pem, NOW)


def test_one_that_has_ended_is_refused_and_one_that_has_not_begun(corp):
    with pytest.raises(ForgeRefused, match=f"expired on {corp.ends:%-d %B %Y}"):
        authority.read(corp.pem, corp.ends + timedelta(seconds=1))
    with pytest.raises(ForgeRefused, match="is not valid before"):
        authority.read(corp.pem, corp.begins - timedelta(days=1))


def test_too_many_and_too_much_are_refused(corp):
    with pytest.raises(ForgeRefused, match="up to 10"):
        authority.read(corp.pem * 11, NOW)
    with pytest.raises(ForgeRefused, match="maximum is 64 KiB"):
        authority.read("x" * 70_000, NOW)
