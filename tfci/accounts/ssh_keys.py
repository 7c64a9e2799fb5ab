"""Public SSH keys that people keep, for debug access: read, checked, added, removed."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from tfci.accounts.models import SSHKey, User

MAX_KEYS = 10  # of one person
MAX_COMMENT = 100  # characters of a comment
MIN_RSA_BITS = 2048  # bits
KINDS = (  # as OpenSSH names them; DSA is not among them
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)


class InvalidKey(Exception):
    """The key is not accepted; str() says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """`text` is its kind and its data, which is all that a VM gets of it."""

    text: str
    comment: str
    fingerprint: str


def read(line: str) -> Key:
    """One line of a .pub file. Raises InvalidKey."""
    if "PRIVATE KEY" in line:
        raise InvalidKey(
            gettext("This is a private key. Never share it. Paste the line from the file that ends in .pub.")
        )
    kind, data, comment = ([*line.strip().split(maxsplit=2), "", "", ""])[:3]
    if len(line.strip().splitlines()) != 1:
        raise InvalidKey(gettext("Paste one key on one line."))
    if kind not in KINDS:
        raise InvalidKey(
            gettext(
                "The line must start with the type of the key, without options. Supported types: {types}."
            ).format(types=", ".join(KINDS))
        )
    if len(comment) > MAX_COMMENT or not comment.isprintable():
        raise InvalidKey(
            gettext(
                "The comment after the key is longer than {most} characters or contains invalid characters."
            ).format(most=MAX_COMMENT)
        )
    _check(f"{kind} {data}")
    return Key(f"{kind} {data}", comment, fingerprint(data))


def _check(text: str) -> None:
    try:
        key = load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidKey(gettext("The key is damaged or incomplete. Paste the whole line.")) from None
    if isinstance(key, RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        raise InvalidKey(
            gettext(
                "RSA keys need at least {bits} bits. Create a better key with ssh-keygen -t ed25519."
            ).format(bits=MIN_RSA_BITS)
        )


def fingerprint(data: str) -> str:
    """As ssh-keygen -l shows it, of a key's data in base64."""
    digest = hashlib.sha256(base64.b64decode(data)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def add(user: User, key: Key, name: str, now: datetime) -> SSHKey:
    """Raises InvalidKey for one that is there, or one too many."""
    if user.ssh_keys.count() >= MAX_KEYS:
        raise InvalidKey(
            gettext("You have {most} keys, which is the maximum. Remove one first.").format(most=MAX_KEYS)
        )
    named = name or key.comment or key.fingerprint
    try:
        with transaction.atomic():
            return user.ssh_keys.create(
                name=named[:MAX_COMMENT], text=key.text, fingerprint=key.fingerprint, added_at=now
            )
    except IntegrityError:
        raise InvalidKey(gettext("You already have this key.")) from None


def texts(user: User) -> list[str]:
    """All keys of a person, as a VM gets them."""
    return list(user.ssh_keys.order_by("pk").values_list("text", flat=True))
