"""How Gitea 1.25.4 shows accounts, repositories and hooks; field for field as recorded."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from practice.forge import repos
from practice.forge.store import Row, Store

Shape = dict[str, Any]
NEVER = "0001-01-01T00:00:00Z"

REPO_HABITS: Shape = {
    "has_code": True,
    "has_issues": True,
    "internal_tracker": {
        "enable_time_tracker": True,
        "allow_only_contributors_to_track_time": True,
        "enable_issue_dependencies": True,
    },
    "has_wiki": True,
    "has_pull_requests": True,
    "has_projects": True,
    "projects_mode": "all",
    "has_releases": True,
    "has_packages": True,
    "has_actions": True,
    "ignore_whitespace_conflicts": False,
    "allow_merge_commits": True,
    "allow_rebase": True,
    "allow_rebase_explicit": True,
    "allow_squash_merge": True,
    "allow_fast_forward_only_merge": True,
    "allow_rebase_update": True,
    "allow_manual_merge": False,
    "autodetect_manual_merge": False,
    "default_delete_branch_after_merge": False,
    "default_merge_style": "merge",
    "default_allow_maintainer_edit": False,
    "avatar_url": "",
    "internal": False,
    "mirror_interval": "",
    "object_format_name": "sha1",
    "mirror_updated": NEVER,
    "topics": [],
    "licenses": [],
}


def moment(seconds: float) -> str:
    """A time to the second; one that is not set is 1970, as in Gitea."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(store: Store, account: Row, *, myself: bool = False, email: str | None = None) -> Shape:
    """An account; only to itself with what is private (`GET /user`)."""
    if email is None:
        email = account["email"] if myself else f"{account['name']}@noreply.localhost"
    return {
        "id": account["id"],
        "login": account["name"],
        "login_name": "",
        "source_id": 0,
        "full_name": account["full_name"],
        "email": email,
        "avatar_url": _avatar(store, account),
        "html_url": f"{store.url}/{account['name']}",
        "language": "en-US" if myself else "",
        "is_admin": bool(myself and account["site_admin"]),
        "last_login": moment(account["created"]) if myself else NEVER,
        "created": moment(account["created"]),
        "restricted": False,
        "active": myself,
        "prohibit_login": False,
        "location": "",
        "website": "",
        "description": "",
        "visibility": account["visibility"],
        "followers_count": 0,
        "following_count": 0,
        "starred_repos_count": 0,
        "username": account["name"],
    }


def organization(store: Store, account: Row) -> Shape:
    return {
        "id": account["id"],
        "name": account["name"],
        "full_name": account["full_name"],
        "email": account["email"],
        "avatar_url": _avatar(store, account),
        "description": "",
        "website": "",
        "location": "",
        "visibility": account["visibility"],
        "repo_admin_change_team_access": False,
        "username": account["name"],
    }


def _avatar(store: Store, account: Row) -> str:
    mark = hashlib.md5(account["name"].encode(), usedforsecurity=False).hexdigest()
    return f"{store.url}/avatars/{mark}"


def repository(store: Store, repo: Row, role: str | None) -> Shape:
    """`role` of who looks at it: owner, admin, write, read, or None, as inside a run."""
    owner = repos.owner_of(store, repo)
    full_name = f"{owner['name']}/{repo['name']}"
    page, api = f"{store.url}/{full_name}", f"{store.url}/api/v1/repos/{full_name}"
    return {
        "id": repo["id"],
        "owner": user(store, owner, email=owner["email"] if role else None),
        "name": repo["name"],
        "full_name": full_name,
        "description": "",
        "empty": False,
        "private": bool(repo["private"]),
        "fork": False,
        "template": False,
        "mirror": False,
        "size": 25,
        "language": "",
        "languages_url": f"{api}/languages",
        "html_url": page,
        "url": api,
        "link": "",
        "ssh_url": f"git@localhost:{full_name}.git",
        "clone_url": f"{page}.git",
        "original_url": "",
        "website": "",
        "stars_count": 0,
        "forks_count": 0,
        "watchers_count": 1,
        "open_issues_count": 0,
        "open_pr_counter": 0,
        "release_counter": 0,
        "default_branch": repo["default_branch"],
        "archived": False,
        "created_at": moment(repo["created"]),
        "updated_at": moment(repo["updated"]),
        "archived_at": moment(0),
        "permissions": {
            "admin": role in ("owner", "admin"),
            "push": role in ("owner", "admin", "write"),
            "pull": role is not None,
        },
        **REPO_HABITS,
    }


def hook(row: Row) -> Shape:
    """A webhook, never with its secret."""
    return {
        "id": row["id"],
        "type": row["type"],
        "branch_filter": row["branch_filter"],
        "config": {"content_type": row["content_type"], "url": row["url"]},
        "events": json.loads(row["events"]),
        "authorization_header": row["authorization_header"],
        "active": bool(row["active"]),
        "updated_at": moment(row["updated"]),
        "created_at": moment(row["created"]),
    }
