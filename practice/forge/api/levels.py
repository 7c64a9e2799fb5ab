"""The four levels that Gitea offers the same things at: organization, repository, user, instance."""

from collections.abc import Callable
from dataclasses import dataclass

from practice.forge import access
from practice.forge.api.people import organization_of, repository_of
from practice.forge.runners import Scope
from practice.forge.web import Request


@dataclass(frozen=True, slots=True)
class Level:
    """A prefix of paths, the scopes it needs, and whose things it is about, once the role is checked."""

    prefix: str
    categories: tuple[str, ...]
    scope: Callable[[Request], Scope]


def _organization(request: Request) -> Scope:
    org = organization_of(request)
    access.need_org_owner(request.store, org, request.user)
    return Scope(owner_id=org["id"])


def _repository(request: Request) -> Scope:
    repo = repository_of(request)
    access.need_repo_owner(request.store, repo, request.user)
    return Scope(repo_id=repo["id"])


def _repository_for_hooks(request: Request) -> Scope:
    repo = repository_of(request)
    access.need_repo_admin(request.store, repo, request.user)
    return Scope(repo_id=repo["id"])


def _user(request: Request) -> Scope:
    return Scope(owner_id=access.need_user(request.user)["id"])


def _instance(request: Request) -> Scope:
    access.need_site_admin(request.user)
    return Scope()


ORGANIZATION = Level("/orgs/{org}", ("organization",), _organization)
USER = Level("/user", ("user",), _user)
INSTANCE = Level("/admin", ("admin",), _instance)
ACTIONS = (ORGANIZATION, Level("/repos/{owner}/{repo}", ("repository",), _repository), USER, INSTANCE)
HOOKS = (ORGANIZATION, Level("/repos/{owner}/{repo}", ("repository",), _repository_for_hooks), USER, INSTANCE)
