"""Who may do what, with Gitea's own refusals (its order: scope, then what is there, then role)."""

from practice.forge.faults import Fault, not_found
from practice.forge.store import Row, Store


def need_scopes(method: str, categories: tuple[str, ...], granted: str | None) -> None:
    """A category needs its `write:` for anything but reading; `write:x` includes `read:x`, nothing else does.

    Without a token (`granted` None) there is nothing to check here: need_user refuses later.
    """
    if granted is None:
        return
    level = "read" if method in ("GET", "HEAD") else "write"
    required = [f"{level}:{category}" for category in categories]
    held = set(granted.split(","))
    enough = [{"all", scope, scope.replace("read:", "write:")} & held for scope in required]
    if not all(enough):
        wanted = "[" + " ".join(required) + "]"
        message = "token does not have at least one of required scope(s)"
        raise Fault(403, f"{message}, required={wanted}, token scope={granted}")


def need_user(user: Row | None) -> Row:
    if user is None:
        raise Fault(401, "token is required")
    return user


def need_site_admin(user: Row | None) -> None:
    if not need_user(user)["site_admin"]:
        raise Fault(403, "user should be the site admin")


def org_role(store: Store, org_id: int, user: Row | None) -> str | None:
    if user is None:
        return None
    return store.value("SELECT role FROM member WHERE org_id = ? AND user_id = ?", org_id, user["id"])


def need_org_seen(store: Store, org: Row, user: Row | None) -> None:
    """A private organization is 404 to all but its members."""
    if org["visibility"] == "public" or (user and user["site_admin"]):
        return
    if org_role(store, org["id"], user) is None and (user is None or org["visibility"] == "private"):
        raise not_found()


def need_org_owner(store: Store, org: Row, user: Row | None) -> None:
    user = need_user(user)
    if not user["site_admin"] and org_role(store, org["id"], user) != "owner":
        raise Fault(403, "Must be an organization owner")


def repo_role(store: Store, repo: Row, user: Row | None) -> str | None:
    """`owner` also for members of an organization's admin team; a collaborator is `admin` at most."""
    anyone = None if repo["private"] else "read"
    if user is None:
        return anyone
    if user["site_admin"] or user["id"] == repo["owner_id"]:
        return "owner"
    member = org_role(store, repo["owner_id"], user)
    if member in ("owner", "admin"):
        return "owner"
    sql = "SELECT role FROM collaborator WHERE repo_id = ? AND user_id = ?"
    roles = {member, store.value(sql, repo["id"], user["id"]), anyone}
    return next((role for role in ("admin", "write", "read") if role in roles), None)


def need_repo_seen(store: Store, repo: Row, user: Row | None) -> None:
    if repo_role(store, repo, user) is None:
        raise not_found()


def need_repo_writer(store: Store, repo: Row, user: Row | None) -> None:
    if repo_role(store, repo, need_user(user)) not in ("owner", "admin", "write"):
        raise Fault(403, "user should have a permission to write to a repo")


def need_repo_admin(store: Store, repo: Row, user: Row | None) -> None:
    if repo_role(store, repo, need_user(user)) not in ("owner", "admin"):
        raise Fault(403, "user should be an owner or a collaborator with admin write of a repository")


def need_repo_owner(store: Store, repo: Row, user: Row | None) -> None:
    if repo_role(store, repo, need_user(user)) != "owner":
        raise Fault(403, "user should be the owner of the repo")
