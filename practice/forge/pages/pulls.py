"""The page of a pull request: what it changes, and a button that merges it."""

import difflib

from practice.forge import pulls, repos
from practice.forge.pages.layout import page, redirect
from practice.forge.pages.markup import Html, html, joined
from practice.forge.pages.repositories import REPO, door, owner_of_all, repo_of
from practice.forge.pulls import Changed
from practice.forge.store import Row
from practice.forge.web import Answer, Request

PULL = f"{REPO}/pulls/{{number}}"


@door.route("GET", PULL)
def one_pull(request: Request) -> Answer:
    repo, pull = _both(request)
    name = repos.full_name(request.store, repo)
    found = [] if pull["merged"] else pulls.changed(request.store, repo, pull)
    body = html(
        "<h1>{} #{}</h1><p>{} wants to go into {}.</p><pre>{}</pre>{}{}",
        pull["title"], pull["number"], pull["head"], pull["base"], pull["body"],
        joined(map(_difference, found)), _button(name, pull),
    )  # fmt: skip
    return page(f"#{pull['number']}", body, (f"/{name}", name))


def _button(name: str, pull: Row) -> Html:
    if pull["merged"]:
        return html("<p>Merged.</p>")
    path = f"/{name}/pulls/{pull['number']}/merge"
    return html('<form method="post" action="{}"><button>Merge</button></form>', path)


def _difference(changed: Changed) -> Html:
    old, new = (
        row["content"].decode(errors="replace").splitlines() if row else []
        for row in (changed.old, changed.new)
    )
    lines = list(difflib.unified_diff(old, new, changed.path, changed.path, lineterm=""))
    return html("<pre>{}</pre>", "\n".join(lines))


@door.route("POST", f"{PULL}/merge")
def merge(request: Request) -> Answer:
    repo, pull = _both(request)
    pulls.merge(request.store, repo, pull, owner_of_all(request.store), request.now)
    return redirect(f"/{repos.full_name(request.store, repo)}")


def _both(request: Request) -> tuple[Row, Row]:
    repo = repo_of(request)
    return repo, pulls.numbered(request.store, repo, request.params["number"])
