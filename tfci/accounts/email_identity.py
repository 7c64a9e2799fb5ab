"""Which addresses are one person's mailbox, as far as that can be told from how they are written."""

import re

from django.utils.encoding import punycode

from tfci.core.vault import digest

DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}  # providers that ignore dots before the @


def canonical(email: str) -> str:
    """One spelling of all those of a mailbox: lower case, without quotes (RFC 5321, 4.1.2) or a tag behind “+”, and
    without dots where the provider ignores them; the domain as mail is sent to it.

    >>> canonical("Ann.Lee+ci@GoogleMail.com")
    'annlee@gmail.com'
    >>> canonical('"ann+ci"@Bücher.example.')
    'ann@xn--bcher-kva.example'
    """
    name, _, domain = email.strip().lower().rpartition("@")
    name, domain = _unquoted(name), _ascii(domain)
    name = name.partition("+")[0] or name
    if domain in DOTLESS:
        name, domain = name.replace(".", ""), DOTLESS[domain]
    return f"{name}@{domain}"


def _unquoted(name: str) -> str:
    quoted = re.fullmatch(r'"(.*)"', name, re.DOTALL)
    return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL) if quoted else name


def _ascii(domain: str) -> str:
    """As Django's mails have it; what is no name of the DNS stays as it is."""
    try:
        return punycode(domain).removesuffix(".")
    except UnicodeError:
        return domain


def fingerprint(email: str) -> str:
    """What is kept of an address so that it is known again, also once its account is gone."""
    return digest(canonical(email))
