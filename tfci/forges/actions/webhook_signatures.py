"""The headers of a webhook's delivery, and its signature with the forge's secret."""

import hashlib
import hmac
from collections.abc import Mapping

from tfci.core.secret import Secret
from tfci.forges.decoding import Malformed
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import WebhookEvent


def header(headers: Mapping[str, str], wanted: str) -> str:
    """The first of that name, written in small letters; "" where there is none."""
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def signed(signature: str, body: bytes, secret: Secret, prefix: str = "") -> bool:
    """Whether the header has the HMAC-SHA256 of all bytes, in hex behind the prefix. False without a secret."""
    if not signature or not secret:
        return False
    expected = prefix + hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature.encode(errors="replace"), expected.encode())


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

    def read(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        event = header(headers, f"x-{self.name}-event")[:40]
        if not event:
            raise ForgeRefused("This delivery does not say which event it is.")
        try:
            return self.parse(event, body)
        except Malformed as error:
            raise ForgeRefused(str(error)) from None

    def parse(self, event: str, body: bytes) -> WebhookEvent:
        """Parse a delivery of this event. Raises Malformed."""
        raise NotImplementedError
