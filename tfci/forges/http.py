"""Calls to a forge over HTTP: what goes wrong on the way, and what most of them refuse, as our errors."""

from typing import Any

from tfci.core import http_client
from tfci.forges.errors import ForgeError, ForgeRefused, Gone, Unreachable


class ForgeClient(http_client.Client):
    """A server below `base_url`. It raises ForgeRefused for an address that may not be called, else Unreachable."""

    def __init__(self, *args: Any, **options: Any) -> None:
        try:
            super().__init__(*args, **options)
        except http_client.BadAddress as error:
            raise ForgeRefused(str(error)) from None

    def request(self, *args: Any, **options: Any) -> http_client.Answer:
        try:
            return super().request(*args, **options)
        except http_client.BadAddress as error:
            raise ForgeRefused(str(error)) from None
        except http_client.FetchError as error:
            raise Unreachable(str(error)) from None


def refuse_redirect(url: str, answer: http_client.Answer) -> None:
    """Raises ForgeRefused where a forge's first answer sends us to another address."""
    if 300 <= answer.status < 400:
        elsewhere = answer.headers.get("location", "elsewhere")[:200]
        raise ForgeRefused(f"{url} redirects to {elsewhere}. Enter the final address.")


def refusal(url: str, status: int, said: str) -> ForgeError:
    """The error that any other status than 2xx is, where it says nothing that its dialect knows better."""
    if status == 404:
        return Gone(f"{url} does not have this: {said or status}.")
    if 400 <= status < 500 and status != 429:
        return ForgeRefused(f"{url} refuses this: {said or status}.")
    return Unreachable(f"{url} did not do this now: {said or status}.")


def error_message(answer: http_client.Answer) -> str:
    """What an error answer says, with the first of its errors; "" where that is no JSON."""
    try:
        said = answer.json()
    except http_client.Broken:
        return ""
    if not isinstance(said, dict) or not isinstance(said.get("message"), str):
        return ""
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    reason = first.get("message") or f"{first.get('field', '')} {first.get('code', '')}".strip()
    return " ".join(filter(None, [said["message"], f"({reason})" if reason else ""]))[:300].strip(" .")
