"""Secrets at rest and secrets out of nothing: encrypt with rotating keys, derive and compare tokens.

FARMHAND_KEYS holds the keys, the newest first: it makes what is new, and all of them open and verify.
"""

import hashlib
import hmac
import json
from base64 import b32encode
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from tfci.core.secret import Secret


def seal(secret: Secret) -> str:
    """The secret, encrypted and signed: a text fit for a database."""
    return _fernets().encrypt(secret.reveal().encode()).decode()


def open(sealed: str) -> Secret:
    """What was sealed. Raises cryptography.fernet.InvalidToken when no key fits."""
    return Secret(_fernets().decrypt(sealed).decode())


def derive(purpose: str, *parts: object) -> Secret:
    """A token stored nowhere, of small letters and digits: the same purpose and parts give the same at every try.

    A new key gives new ones; derived() knows those of all present keys.
    """
    return Secret(_derived(settings.KEYS[0], purpose, parts))


def derived(token: str, purpose: str, *parts: object) -> bool:
    """Whether this token was derived for these parts, with any of the present keys."""
    return any([same(token, _derived(key, purpose, parts)) for key in settings.KEYS])


def digest(text: str) -> str:
    """SHA-256 in hex: what is stored of a token that is only ever compared."""
    return hashlib.sha256(text.encode()).hexdigest()


def same(a: str, b: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())


def instance() -> str:
    """Six characters in all names that we give outside, so that two installations leave each other's alone.

    They come from the oldest key, which rotation leaves in its place; before that key is dropped at last, set
    FARMHAND_INSTANCE to them.
    """
    return settings.INSTANCE or _keyed(settings.KEYS[-1], "instance")[:6]


class SealedField(models.TextField):  # type: ignore[type-arg]  # its parameters are the two types below
    """A Secret in a row, encrypted. It can't be searched for: equal secrets look different."""

    # what the checker takes a column for, instead of a text
    _pyi_private_set_type: Secret | None  # type: ignore[assignment]
    _pyi_private_get_type: Secret  # type: ignore[assignment]

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Secret | None:
        return None if value is None else open(value)

    def get_prep_value(self, value: Secret | None) -> str | None:
        return None if value is None else seal(value)

    def get_lookup(self, lookup_name: str) -> "type[models.Lookup[Any]] | None":
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def value_to_string(self, obj: models.Model) -> str | None:  # type: ignore[override]  # null has no text
        return self.get_prep_value(getattr(obj, self.attname))


def _fernets() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.KEYS])


def _derived(key: str, purpose: str, parts: tuple[object, ...]) -> str:
    return _keyed(key, "derive", purpose, *parts)


def _keyed(key: str, *parts: object) -> str:
    mac = hmac.digest(key.encode(), json.dumps([str(part) for part in parts]).encode(), "sha256")
    return b32encode(mac).decode().rstrip("=").lower()
