"""The frame of a page and its smallest parts."""

import json
from urllib.parse import quote

from practice.forge.pages.markup import Html, html, joined
from practice.forge.shapes import moment
from practice.forge.store import Row
from practice.forge.web import Answer

REFRESH = 2  # seconds between looks at what is not final yet
WORDS = {"in_progress": "running"}


def badge(status: str) -> Html:
    return html('<span class="badge {}">{}</span>', status, WORDS.get(status, status))


def labels(job: Row) -> Html:
    return joined((html("<code>{}</code>", label) for label in json.loads(job["labels"])), " ")


def clock(seconds: float) -> str:
    return moment(seconds)[11:19] if seconds else ""


def redirect(path: str) -> Answer:
    return Answer(303, b"", "text/html; charset=utf-8", {"Location": quote(path)})


def page(
    title: str, body: Html, up: tuple[str, str] | None = None, *, status: int = 200, live: bool = False
) -> Answer:
    """A whole page; a live one loads itself again."""
    back = html('<nav><a href="{}">&larr; {}</a></nav>', *up) if up else ""
    refresh = html('<meta http-equiv="refresh" content="{}">', REFRESH) if live else ""
    text = html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">{}'
        '<link rel="stylesheet" href="/style.css"></head><body><main>{}{}</main>'
        "<footer>For practice. It forgets nothing and protects nothing.</footer></body></html>",
        title, refresh, back, body,
    )  # fmt: skip
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'"}
    return Answer(status, text.encode(), "text/html; charset=utf-8", policy)
