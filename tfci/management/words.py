"""The mnemonic of an account, from standard input: an argument would stand in the list of processes."""

import getpass
import sys

from django.core.management.base import CommandError

from tfci.core.secret import Secret


def read_words() -> Secret:
    """Unseen on a terminal. Raises CommandError where there are none."""
    text = getpass.getpass("Words: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not text.strip():
        raise CommandError("No mnemonic. Write it on the first line of standard input.")
    return Secret(text.strip())
