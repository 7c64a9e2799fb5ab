"""The address that engines call, where it is not the one that we call."""

from tfci.core import http_client
from tfci.forges.errors import ForgeRefused


def of_runners(url: str, runner_url: str) -> str:
    """`runner_url`, or `url` where there is none. Raises ForgeRefused for what is no web address."""
    if not runner_url:
        return url
    try:
        http_client.origin(runner_url)
    except http_client.BadAddress as error:
        raise ForgeRefused(f"VMs can't call {runner_url}. {error}") from None
    return runner_url.rstrip("/")
