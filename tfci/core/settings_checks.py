"""Checks of the environment's values, and how their mistakes are shown.

Each check raises ValidationError: environs ignores what it returns."""

import os
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from environs import Env, EnvValidationError
from marshmallow import ValidationError

from tfci.core.list_prices import peers


def tft(text: str) -> None:
    """An amount of TFT."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise ValidationError("Must be an amount of TFT, 0 or more, like 12.5.")


def stellar(text: str) -> None:
    """An account of Stellar's; none at all is fine."""
    if text and not re.fullmatch(r"G[A-Z2-7]{55}", text):
        raise ValidationError("Must be an address on Stellar: G and 55 more capital letters and digits.")


def http_url(text: str) -> None:
    """An address with its scheme; none at all is fine."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise ValidationError("Must be an address like https://ci.example.org.") from None
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValidationError("Must be an address like https://ci.example.org.")


def id_and_secret(parts: list[str]) -> None:
    """The two of an OAuth app; none at all is fine."""
    if parts and (len(parts) != 2 or not all(parts)):
        raise ValidationError("Must be the client ID and the secret, separated by a colon.")


def price_file(path: str) -> None:
    """A file of list prices; none at all is fine."""
    try:
        peers.read(Path(path).read_text() if path else "product = []")
    except (OSError, UnicodeDecodeError):
        raise ValidationError("Must be a file that can be read.") from None
    except ValueError as error:
        raise ValidationError(f"Is no list of prices: {error}.") from None


def sealed(env: Env) -> None:
    """Forbid further reading. Ends the process with all mistakes, a line each, without the values: some are secret."""
    try:
        env.seal()
    except EnvValidationError as error:
        lines = (
            f"  {name}: {' '.join(sentences)}"
            for name, sentences in sorted(cast(Mapping[str, list[str]], error.error_messages).items())
        )
        raise SystemExit(
            "These environment variables are wrong:" + os.linesep + os.linesep.join(lines)
        ) from None
