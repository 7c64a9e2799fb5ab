"""Calls to a forge over HTTP, with errors as ours."""

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
        target = answer.headers.get("location", "elsewhere")[:200]
        raise ForgeRefused(f"{url} redirects to {target}. Enter the final address.")


def refusal(url: str, status: int, message: str) -> ForgeError:
    """The error of any status but 2xx, unless its dialect has a better one."""
    if status == 404:
        return Gone(f"{url} does not have this: {message or status}.")
    if 400 <= status < 500 and status != 429:
        return ForgeRefused(f"{url} refuses this: {message or status}.")
    return Unreachable(f"{url} did not do this now: {message or status}.")


def error_message(answer: http_client.Answer) -> str:
    """The message of an error answer, with the first of its errors; "" if that is no JSON."""
    try:
        body = answer.json()
    except http_client.Broken:
        return ""
    if not isinstance(body, dict) or not isinstance(body.get("message"), str):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    reason = first.get("message") or f"{first.get('field', '')} {first.get('code', '')}".strip()
    return " ".join(filter(None, [body["message"], f"({reason})" if reason else ""]))[:300].strip(" .")
