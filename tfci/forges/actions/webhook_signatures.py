"""What the headers of a webhook's delivery say, and whether it is signed with the secret that only its forge has."""

import hashlib
import hmac
from collections.abc import Mapping

from tfci.core.secret import Secret
from tfci.forges.decoding import Malformed
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import Heard


def header(headers: Mapping[str, str], wanted: str) -> str:
    """The first of that name, written in small letters; "" where there is none."""
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def signed(given: str, body: bytes, secret: Secret, prefix: str = "") -> bool:
    """Whether the header has the HMAC-SHA256 of all bytes, in hex behind the prefix. False without a secret."""
    if not given or not secret:
        return False
    due = prefix + hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given.encode(errors="replace"), due.encode())


class SignedHooks:
    """WebhookReader of a forge that names its headers like x-gitea-event."""

    name: str
    signature: str  # the header that has it
    prefix = ""  # before the signature's digits

    def authentic(self, headers: Mapping[str, str], body: bytes, secret: Secret) -> bool:
        return signed(header(headers, self.signature), body, secret, self.prefix)

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        """The same when it is delivered again."""
        return header(headers, f"x-{self.name}-delivery")[:80]

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard:
        event = header(headers, f"x-{self.name}-event")[:40]
        if not event:
            raise ForgeRefused("This delivery does not say which event it is.")
        try:
            return self.heard(event, body)
        except Malformed as error:
            raise ForgeRefused(str(error)) from None

    def heard(self, event: str, body: bytes) -> Heard:
        """What a delivery of this event says. Raises Malformed."""
        raise NotImplementedError
