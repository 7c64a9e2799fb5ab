"""Version, users and organizations."""

from practice.forge import access, accounts, repos, settings, shapes
from practice.forge.api.door import door, page_of
from practice.forge.store import Row
from practice.forge.web import Answer, Request, as_json


@door.route("GET", "/version")
def version(request: Request) -> Answer:
    return as_json({"version": settings.value(request.store, "version")})


@door.route("GET", "/user", ("user",))
def myself(request: Request) -> Answer:
    return as_json(shapes.user(request.store, access.need_user(request.user), myself=True))


@door.route("GET", "/user/orgs", ("user", "organization"))
def my_organizations(request: Request) -> Answer:
    return _list_of_orgs(request, accounts.orgs_of(request.store, access.need_user(request.user)))


def _list_of_orgs(request: Request, rows: list[Row]) -> Answer:
    shown = [shapes.organization(request.store, row) for row in page_of(request, rows)]
    return as_json(shown, headers={"X-Total-Count": str(len(rows))})


@door.route("GET", "/user/repos", ("user", "repository"))
def my_repositories(request: Request) -> Answer:
    user = access.need_user(request.user)
    rows = request.store.rows("repo", "1")
    mine = [row for row in rows if access.repo_role(request.store, row, user) == "owner"]
    return list_of_repos(request, mine)


@door.route("GET", "/repos/search", ("repository",))
def search(request: Request) -> Answer:
    """All repositories that the caller may see; Gitea's search filters are ignored."""
    user = access.need_user(request.user)
    rows = [row for row in request.store.rows("repo", "1") if access.repo_role(request.store, row, user)]
    return as_json({"ok": True, "data": _page_of_repos(request, rows)}, headers=_total(rows))


def list_of_repos(request: Request, rows: list[Row]) -> Answer:
    return as_json(_page_of_repos(request, rows), headers=_total(rows))


def _page_of_repos(request: Request, rows: list[Row]) -> list[shapes.Shape]:
    store, user = request.store, request.user
    page = page_of(request, rows)
    return [shapes.repository(store, row, access.repo_role(store, row, user)) for row in page]


def _total(rows: list[Row]) -> dict[str, str]:
    return {"X-Total-Count": str(len(rows))}


@door.route("GET", "/users/{name}", ("user",))
def someone(request: Request) -> Answer:
    row = accounts.named(request.store, request.params["name"], "user")
    is_me = request.user is not None and row["id"] == request.user["id"]
    return as_json(shapes.user(request.store, row, myself=is_me))


def organization_of(request: Request) -> Row:
    """The organization of the path, as far as the caller may see it."""
    org = accounts.named(request.store, request.params["org"], "organization")
    access.need_org_seen(request.store, org, request.user)
    return org


@door.route("GET", "/orgs/{org}", ("organization",))
def one_organization(request: Request) -> Answer:
    return as_json(shapes.organization(request.store, organization_of(request)))


@door.route("GET", "/orgs/{org}/repos", ("organization",))
def repositories_of_organization(request: Request) -> Answer:
    org = organization_of(request)
    rows = request.store.rows("repo", "owner_id = ?", org["id"])
    return list_of_repos(request, [row for row in rows if access.repo_role(request.store, row, request.user)])


@door.route("POST", "/orgs", ("organization",))
def make_organization(request: Request) -> Answer:
    owner, body = access.need_user(request.user), request.json()
    name, visibility = body.get("username") or "", body.get("visibility") or "public"
    org = accounts.add_org(request.store, name, owner, request.now, visibility=visibility)
    return as_json(shapes.organization(request.store, org), 201)


@door.route("POST", "/orgs/{org}/repos", ("organization", "repository"))
def make_repository_of_organization(request: Request) -> Answer:
    """Always with a first commit, as auto_init asks for."""
    org, body = organization_of(request), request.json()
    access.need_org_owner(request.store, org, request.user)
    private, branch = bool(body.get("private")), body.get("default_branch") or "main"
    repo = repos.add(request.store, org, body.get("name") or "", request.now, private=private, branch=branch)
    return as_json(shapes.repository(request.store, repo, "owner"), 201)


def repository_of(request: Request) -> Row:
    """The repository of the path; 404 if the caller may not see it."""
    repo = repos.named(request.store, request.params["owner"], request.params["repo"])
    access.need_repo_seen(request.store, repo, request.user)
    return repo


@door.route("GET", "/repos/{owner}/{repo}", ("repository",))
def one_repository(request: Request) -> Answer:
    repo = repository_of(request)
    role = access.repo_role(request.store, repo, request.user)
    return as_json(shapes.repository(request.store, repo, role))
