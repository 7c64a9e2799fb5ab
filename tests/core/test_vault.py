import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError
from django.db import connection as database, models

from tfci.core import vault
from tfci.core.secret import Secret

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(autouse=True)
def keys(settings):
    settings.KEYS = [OLD]
    settings.INSTANCE = ""
    return settings


def test_what_was_sealed_opens_and_is_not_readable_before():
    sealed = vault.seal(Secret("hunter2"))
    assert "hunter2" not in sealed
    assert vault.open(sealed) == Secret("hunter2")


def test_what_an_old_key_sealed_opens_after_a_rotation(keys):
    sealed = vault.seal(Secret("hunter2"))
    keys.KEYS = [NEW, OLD]
    assert vault.open(sealed) == Secret("hunter2")


def test_a_stranger_s_key_opens_nothing(keys):
    sealed = vault.seal(Secret("hunter2"))
    keys.KEYS = [OTHER]
    with pytest.raises(InvalidToken):
        vault.open(sealed)


def test_deriving_twice_gives_the_same_token_and_it_is_masked():
    token = vault.derive("boot", 7)
    assert token == vault.derive("boot", 7)
    assert token.reveal().isalnum() and token.reveal() not in f"{token!r}"


@pytest.mark.parametrize("parts", [("boot", 8), ("claim", 7), ("boot", 7, ""), ("boot7",), ("bo", "ot", 7)])
def test_other_parts_give_another_token(parts):
    assert vault.derive(*parts) != vault.derive("boot", 7)


def test_a_token_is_known_after_a_rotation_until_its_key_is_dropped(keys):
    token = vault.derive("boot", 7).reveal()
    keys.KEYS = [NEW, OLD]
    assert vault.derived(token, "boot", 7)
    assert vault.derive("boot", 7).reveal() != token
    keys.KEYS = [NEW]
    assert not vault.derived(token, "boot", 7)


@pytest.mark.parametrize("token", ["", ".", "no such token", "ümläut"])
def test_rubbish_was_not_derived(token):
    assert not vault.derived(token, "boot", 7)


def test_two_installations_have_different_tags(keys):
    tag = vault.instance()
    assert len(tag) == 6 and tag.isalnum() and tag == tag.lower()
    keys.KEYS = [OTHER]
    assert vault.instance() != tag


def test_the_tag_outlives_a_rotation_and_can_outlive_its_key(keys):
    tag = vault.instance()
    keys.KEYS = [NEW, OLD]
    assert vault.instance() == tag
    keys.KEYS, keys.INSTANCE = [NEW], tag
    assert vault.instance() == tag


def test_digests_are_sha256_in_hex():
    assert vault.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class Safe(models.Model):
    secret = vault.SealedField(null=True)

    class Meta:
        app_label = "tests"


@pytest.fixture
def safes(transactional_db):
    with database.schema_editor() as editor:
        editor.create_model(Safe)
    yield Safe.objects
    with database.schema_editor() as editor:
        editor.delete_model(Safe)


def test_a_row_holds_its_secret_encrypted(safes):
    safe = safes.create(secret=Secret("hunter2"))
    with database.cursor() as cursor:
        cursor.execute("select secret from tests_safe")
        [(stored,)] = cursor.fetchall()
    assert "hunter2" not in stored
    assert safes.get(pk=safe.pk).secret == Secret("hunter2")


def test_a_row_may_hold_no_secret(safes):
    safes.create(secret=None)
    assert safes.get(secret__isnull=True).secret is None


def test_nobody_can_search_for_a_secret(safes):
    with pytest.raises(FieldError):
        safes.filter(secret=Secret("hunter2")).exists()
