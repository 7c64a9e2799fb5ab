"""Which addresses are one person's mailbox, as far as that can be told from how they are written."""

from tfci.vault import digest

DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}  # providers that ignore dots before the @


def canonical(email: str) -> str:
    """One spelling of all those of a mailbox: lower case, without a tag behind “+”, and without dots where the provider
    ignores them.

    >>> canonical("Ann.Lee+ci@GoogleMail.com")
    'annlee@gmail.com'
    """
    name, _, domain = email.strip().lower().rpartition("@")
    name = name.partition("+")[0] or name
    if domain in DOTLESS:
        name, domain = name.replace(".", ""), DOTLESS[domain]
    return f"{name}@{domain}"


def fingerprint(email: str) -> str:
    """What is kept of an address so that it is known again, also once its account is gone."""
    return digest(canonical(email))
