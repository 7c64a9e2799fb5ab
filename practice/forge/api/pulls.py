"""Pull requests: as much of Gitea's API as a workflow migration needs."""

from practice.forge import access, pulls, repos, shapes
from practice.forge.api.door import door
from practice.forge.api.people import repository_of
from practice.forge.store import Row, Store
from practice.forge.web import Answer, Request, as_json

TERMS = ("repository",)


@door.route("POST", "/repos/{owner}/{repo}/pulls", TERMS)
def create(request: Request) -> Answer:
    store, repo, body = request.store, repository_of(request), request.json()
    access.need_repo_writer(store, repo, request.user)
    branches = str(body.get("head") or ""), str(body.get("base") or "")
    texts = str(body.get("title") or ""), str(body.get("body") or "")
    user = access.need_user(request.user)
    pull = pulls.add(store, repo, *branches, *texts, user, request.now)
    return as_json(_shown(store, repo, pull, user), 201)


def _shown(store: Store, repo: Row, pull: Row, user: Row) -> shapes.Shape:
    """A few of Gitea's fields."""
    page = f"{store.url}/{repos.full_name(store, repo)}/pulls/{pull['number']}"
    return {
        "id": pull["id"],
        "url": page,
        "number": pull["number"],
        "user": shapes.user(store, user),
        "title": pull["title"],
        "body": pull["body"],
        "state": "closed" if pull["merged"] else "open",
        "html_url": page,
        "merged": bool(pull["merged"]),
        "created_at": shapes.moment(pull["created"]),
    }
