"""Webhooks that GitHub could not deliver: it sends them again on request, for three days.

docs.github.com, "Handling failed webhook deliveries": an App's lie at /app/hook/deliveries, a webhook's own below it.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from tfci.forges.actions.schemas import Moment
from tfci.forges.decoding import Number
from tfci.forges.github import schemas as shapes
from tfci.forges.github.api import PAGE, PAGES, GitHubApi

TRIES = 3  # of one delivery


class ListedDelivery(msgspec.Struct):
    id: Number
    guid: str
    delivered_at: Moment
    status_code: int = 0


def redeliver(api: GitHubApi, path: str, since: datetime) -> int:
    """Request redelivery of all failed ones since then; returns how many. All attempts of a delivery have the same
    guid; each is tried three times at most. Raises ForgeError."""
    attempts: dict[str, list[ListedDelivery]] = {}
    for one in _since(api, path, since):
        attempts.setdefault(one.guid, []).append(one)
    failed = [
        ones[0]
        for ones in attempts.values()
        if len(ones) < TRIES and not any(200 <= one.status_code < 300 for one in ones)
    ]
    for one in failed:
        api.call("POST", f"{path}/{one.id}/attempts", "make")
    return len(failed)


def _since(api: GitHubApi, path: str, since: datetime) -> Iterator[ListedDelivery]:
    """The newest first. Further pages are named by a cursor in the header Link."""
    cursor_param: list[tuple[str, str]] = []
    for _ in range(PAGES):
        answer = api.call("GET", path, "look", params=[("per_page", str(PAGE)), *cursor_param])
        page = shapes.read(answer.body, list[ListedDelivery])
        yield from (one for one in page if one.delivered_at >= since)
        cursor = _cursor(answer.headers.get("link", ""))
        if not cursor or (page and page[-1].delivered_at < since):
            return
        cursor_param = [("cursor", cursor)]


def _cursor(link: str) -> str:
    """Of the next page, in a header such as `<https://…?cursor=v1_1>; rel="next"`."""
    following = next((part for part in link.split(",") if 'rel="next"' in part), "")
    return following.partition("cursor=")[2].partition("&")[0].partition(">")[0]
