"""What the headers of a webhook's delivery say, and whether it is signed with the secret that only its forge has."""

import hashlib
import hmac
from collections.abc import Mapping

from tfci.core.secret import Secret


def header(headers: Mapping[str, str], wanted: str) -> str:
    """The first of that name, written in small letters; "" where there is none."""
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def signed(given: str, body: bytes, secret: Secret, prefix: str = "") -> bool:
    """Whether the header has the HMAC-SHA256 of all bytes, in hex behind the prefix. False without a secret."""
    if not given or not secret:
        return False
    due = prefix + hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given.encode(errors="replace"), due.encode())
