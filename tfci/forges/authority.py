"""A certificate authority that a forge has of its own: read from what somebody pasted. Pure."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tfci.core.translation import gettext, gettext_noop
from tfci.forges.errors import ForgeRefused

MAX_LENGTH = 64 * 1024  # characters
MAX_CERTIFICATES = 10  # certificates
NONE = gettext_noop(
    "This is not a certificate. Paste the whole file that starts with “-----BEGIN CERTIFICATE-----”."
)


@dataclass(frozen=True, slots=True)
class Authority:
    """`pem`: its certificates in one spelling. `ends_at`: when the first of them ends."""

    pem: str
    name: str
    ends_at: datetime


def read(text: str, now: datetime) -> Authority:
    """Raises ForgeRefused: no certificate, a private key with it, no authority's, ended or not begun."""
    if len(text) > MAX_LENGTH:
        raise ForgeRefused(gettext("The maximum is {size} KiB.").format(size=MAX_LENGTH // 1024))
    if "PRIVATE KEY" in text:
        raise ForgeRefused(
            gettext("This contains a private key, which must stay secret. Paste only the certificate.")
        )
    found = _certificates(text)
    for one in found:
        _check(one, now)
    return _authority(found)


def known(pem: str) -> Authority:
    """One that was read before, for pages."""
    return _authority(_certificates(pem))


def _certificates(text: str) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(text.encode(errors="replace"))
    except ValueError:
        raise ForgeRefused(gettext(NONE)) from None
    if len(found) > MAX_CERTIFICATES:
        raise ForgeRefused(
            gettext("These are {count} certificates. Paste only the authority’s own, up to {most}.").format(
                count=len(found), most=MAX_CERTIFICATES
            )
        )
    return found


def _check(one: x509.Certificate, now: datetime) -> None:
    name = _name(one)
    try:
        signs = one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        signs = False
    if not signs:
        raise ForgeRefused(
            gettext(
                "“{name}” is a server certificate. Paste the certificate of the authority that signed it."
            ).format(name=name)
        )
    if now >= one.not_valid_after_utc:
        raise ForgeRefused(
            gettext("“{name}” expired on {day:%-d %B %Y}. Paste a valid certificate.").format(
                name=name, day=one.not_valid_after_utc
            )
        )
    if now < one.not_valid_before_utc:
        raise ForgeRefused(
            gettext("“{name}” is not valid before {day:%-d %B %Y}.").format(
                name=name, day=one.not_valid_before_utc
            )
        )


def _authority(found: list[x509.Certificate]) -> Authority:
    pem = "".join(one.public_bytes(Encoding.PEM).decode() for one in found)
    return Authority(pem, _name(found[0]), min(one.not_valid_after_utc for one in found))


def _name(one: x509.Certificate) -> str:
    """Its common name, or all of its name."""
    common = one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value if common else one.subject.rfc4514_string())[:100]
