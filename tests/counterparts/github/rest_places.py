"""Organisations and repositories: themselves, their runners, their hooks."""

import secrets
from datetime import UTC, datetime
from functools import partial

from tests.counterparts.github import access, clock, deliveries, shapes
from tests.counterparts.github.errors import Refusal, invalid, not_found
from tests.counterparts.github.routes import route
from tests.counterparts.github.world import Hook

RUNNERS = {"orgs": "organization_self_hosted_runners", "repos": "administration"}
HOOKS = {"orgs": "organization_hooks", "repos": "repository_hooks"}


@route("GET", "/meta")
def meta(call):
    """An Enterprise Server says its version; tests may make it something else altogether."""
    if not call.world.version:
        return 200, {"name": "something else"}
    return 200, {"verifiable_password_authentication": True, "installed_version": call.world.version}


@route("GET", "/user")
def user(call):
    if call.who.kind == "installation":
        raise Refusal(403, "Resource not accessible by integration")
    return 200, shapes.user(call.who.login)


@route("GET", "/orgs/{org}")
def org(call, org):
    found = call.world.accounts.get(org)
    if found is None or found.type != "Organization":
        raise not_found()
    return 200, shapes.account(found)


@route("GET", "/orgs/{org}/repos")
def repos(call, org):
    """The newest push first where that is asked for."""
    if org not in call.world.accounts:
        raise not_found()
    seen = [one for one in call.world.repos.values() if one.owner.login == org and access.sees(call.who, one)]
    if call.query.get("sort") == "pushed":
        seen.sort(
            key=lambda one: (one.pushed_at, one.id), reverse=call.query.get("direction", "desc") == "desc"
        )
    return 200, call.page(seen, partial(shapes.repo, call.base))


@route("GET", "/repos/{owner}/{repo}")
def repo(call, owner, repo):
    found = access.repo(call.world, call.who, f"{owner}/{repo}", "metadata:read")
    return 200, shapes.repo(call.base, found)


@route("GET", "/orgs/{org}/actions/runner-groups")
def groups(call, org):
    """Every organisation has one, Default: it keeps jobs of public repositories out."""
    there = access.org(call.world, call.who, org, f"{RUNNERS['orgs']}:read").groups
    told = call.page([shapes.group(*one) for one in there.items()], lambda one: one)
    return 200, {"total_count": len(there), "runner_groups": told}


@route("GET", "/orgs/{org}/actions/runner-groups/{group}")
def group(call, org, group):
    there = access.org(call.world, call.who, org, f"{RUNNERS['orgs']}:read").groups
    if not group.isdigit() or int(group) not in there:
        raise not_found()
    return 200, shapes.group(int(group), there[int(group)])


def _place(call, kind, parts, permission):
    """ "orgs/acme" or "repos/acme/app", where the caller may so much."""
    if kind == "orgs":
        access.org(call.world, call.who, parts["org"], permission)
        return f"orgs/{parts['org']}"
    full_name = f"{parts['owner']}/{parts['repo']}"
    access.repo(call.world, call.who, full_name, permission)
    return f"repos/{full_name}"


def _runners(kind, prefix):
    may = RUNNERS[kind]

    def of(call, parts, level):
        place = _place(call, kind, parts, f"{may}:{level}")
        there = [one for one in call.world.runners.values() if one.place == place and not one.scale_set]
        return place, there

    def one_of(call, parts, level):
        _, there = of(call, parts, level)
        found = next((one for one in there if str(one.id) == parts["runner"]), None)
        if found is None:
            raise not_found()
        return found

    @route("GET", f"{prefix}/actions/runners")
    def listed(call, **parts):
        _, there = of(call, parts, "read")
        if name := call.query.get("name"):
            there = [one for one in there if one.name == name]
        return 200, {"total_count": len(there), "runners": call.page(there, shapes.runner)}

    @route("GET", f"{prefix}/actions/runners/{{runner}}")
    def runner(call, **parts):
        return 200, shapes.runner(one_of(call, parts, "read"))

    @route("DELETE", f"{prefix}/actions/runners/{{runner}}")
    def removed(call, **parts):
        call.github.actions.forget(one_of(call, parts, "write"))
        return 204, None

    @route("POST", f"{prefix}/actions/runners/registration-token")
    def token(call, **parts):
        place, _ = of(call, parts, "write")
        made, ends = secrets.token_hex(15).upper(), call.world.clock.seconds() + 3600
        call.world.registrations[made] = (place, ends)
        return 201, {"token": made, "expires_at": clock.text(datetime.fromtimestamp(ends, UTC))}

    @route("POST", f"{prefix}/actions/runners/generate-jitconfig")
    def jit(call, **parts):
        place, _ = of(call, parts, "write")
        for field in ("name", "runner_group_id", "labels"):
            if not call.body.get(field):
                raise invalid(field)
        number = call.body["runner_group_id"]
        there = call.world.accounts[parts["org"]].groups if kind == "orgs" else {1: {}}
        if number not in there:
            raise not_found()
        made, config = call.github.actions.jit(place, call.body["name"], call.body["labels"], number)
        return 201, {"runner": shapes.runner(made), "encoded_jit_config": config}


def _hooks(kind, prefix):
    may = HOOKS[kind]

    def of(call, parts, level):
        place = _place(call, kind, parts, f"{may}:{level}")
        return place, [one for one in call.world.hooks.values() if one.place == place]

    def one_of(call, parts, level):
        found = next((one for one in of(call, parts, level)[1] if str(one.id) == parts["hook"]), None)
        if found is None:
            raise not_found()
        return found

    @route("GET", f"{prefix}/hooks")
    def listed(call, **parts):
        return 200, call.page(of(call, parts, "read")[1], shapes.hook)

    @route("POST", f"{prefix}/hooks")
    def made(call, **parts):
        place, there = of(call, parts, "write")
        config = call.body.get("config") or {}
        if call.body.get("name", "web") != "web" or not config.get("url"):
            raise invalid("config")
        if any(one.url == config["url"] for one in there):
            message = "Hook already exists on this " + ("organization" if kind == "orgs" else "repository")
            raise Refusal(422, "Validation Failed", errors=[{"resource": "Hook", "message": message}])
        events = call.body.get("events", ["push"])
        hook = Hook(call.world.number(), place, config["url"], config.get("secret", ""), events)
        call.world.hooks[hook.id] = hook
        return 201, shapes.hook(hook)

    @route("PATCH", f"{prefix}/hooks/{{hook}}")
    def changed(call, **parts):
        hook, config = one_of(call, parts, "write"), call.body.get("config") or {}
        hook.url, hook.secret = config.get("url", hook.url), config.get("secret", hook.secret)
        hook.events = call.body.get("events", hook.events)
        return 200, shapes.hook(hook)

    @route("GET", f"{prefix}/hooks/{{hook}}/deliveries")
    def tried(call, **parts):
        hook = one_of(call, parts, "read")
        return deliveries.listed(call, f"hook/{hook.id}", f"/{hook.place}/hooks/{hook.id}/deliveries")

    @route("POST", f"{prefix}/hooks/{{hook}}/deliveries/{{number}}/attempts")
    def again(call, number, **parts):
        return deliveries.again(call, f"hook/{one_of(call, parts, 'write').id}", number)

    @route("DELETE", f"{prefix}/hooks/{{hook}}")
    def removed(call, **parts):
        del call.world.hooks[one_of(call, parts, "write").id]
        return 204, None


for kind, prefix in (("orgs", "/orgs/{org}"), ("repos", "/repos/{owner}/{repo}")):
    _runners(kind, prefix)
    _hooks(kind, prefix)
