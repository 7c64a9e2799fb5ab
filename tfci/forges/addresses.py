"""Where forges may be, and how their addresses are written."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from tfci.core import http_client
from tfci.core.http_client import BadAddress, Policy, origin
from tfci.forges.errors import ForgeRefused


def address(url: str) -> str:
    """Where a forge is, in the one spelling in which links are kept and compared. Raises ForgeRefused."""
    try:
        return http_client.address(url)
    except BadAddress as error:
        raise ForgeRefused(str(error)) from None


def policy(authority: str = "") -> Policy:
    """Which addresses a forge may have: public ones, and what the operator allows. `authority`: of one forge, PEM."""
    allowed = [*settings.ALLOWED_FORGE_ORIGINS, settings.PRACTICE_FORGE]
    return Policy(
        allow_private=settings.ALLOW_PRIVATE_FORGES,
        allowed_origins=frozenset(map(origin, filter(None, allowed))),
        authority=authority,
    )


def may_call(url: str) -> bool:
    """Whether it is allowed though it may be private."""
    return settings.ALLOW_PRIVATE_FORGES or origin(url) in policy().allowed_origins


def is_practice_forge(url: str) -> bool:
    """True for the practice forge of this installation, known by its exact origin."""
    try:
        return bool(settings.PRACTICE_FORGE) and origin(url) == origin(settings.PRACTICE_FORGE)
    except BadAddress:
        return False


def seen_by_vms(url: str) -> str:
    """How a VM calls a forge that is on this computer, where its loopback is another; "" for every other."""
    parts = urlsplit(url)
    if not settings.HOST_FOR_VMS or parts.hostname not in ("127.0.0.1", "localhost"):
        return ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{settings.HOST_FOR_VMS}{port}"))
