"""Apps: made from a manifest, called by JWT; their installations, tokens and deliveries; and who may see which."""

from functools import partial

from tests.counterparts.github import deliveries, shapes
from tests.counterparts.github.clock import text
from tests.counterparts.github.errors import Refusal, not_found
from tests.counterparts.github.routes import route
from tests.counterparts.github.world import App


def _app(call):
    if not isinstance(call.who, App):
        raise Refusal(401, "A JSON web token could not be decoded")
    return call.who


def _installation(call, number):
    """Of the App that calls."""
    found = call.world.installations.get(int(number)) if number.isdigit() else None
    if found is None or found.deleted or found.app is not _app(call):
        raise not_found()
    return found


@route("POST", "/app-manifests/{code}/conversions")
def conversion(call, code):
    """Once for each code, within an hour."""
    made, ends = call.world.codes.pop(code, (None, 0))
    if not isinstance(made, App) or call.world.clock.seconds() > ends:
        raise not_found()
    secrets = {"client_secret": made.client_secret, "webhook_secret": made.webhook_secret, "pem": made.pem}
    return 201, shapes.app(call.base, made) | secrets


@route("GET", "/app")
def app(call):
    return 200, shapes.app(call.base, _app(call))


@route("GET", "/app/installations")
def installations(call):
    there = [one for one in call.world.installations.values() if one.app is _app(call) and not one.deleted]
    return 200, call.page(there, partial(shapes.installation, call.base))


@route("GET", "/app/installations/{number}")
def installation(call, number):
    return 200, shapes.installation(call.base, _installation(call, number))


@route("POST", "/app/installations/{number}/access_tokens")
def access_token(call, number):
    found = _installation(call, number)
    if found.suspended_at:
        raise Refusal(403, "This installation has been suspended")
    words, token = call.world.installation_token(found)
    call.github.minted[found.id] = call.github.minted.get(found.id, 0) + 1
    return 201, {
        "token": words,
        "expires_at": text(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "all" if found.repositories is None else "selected",
    }


@route("GET", "/app/hook/deliveries")
def hook_deliveries(call):
    return deliveries.listed(call, f"app/{_app(call).id}", "/app/hook/deliveries")


@route("POST", "/app/hook/deliveries/{number}/attempts")
def attempt(call, number):
    return deliveries.again(call, f"app/{_app(call).id}", number)


@route("GET", "/installation/repositories")
def repositories(call):
    if getattr(call.who, "kind", "") != "installation":
        raise Refusal(403, "Resource not accessible by integration")
    there = covered(call.world, call.who.installation)
    told = call.page(there, partial(shapes.repo, call.base))
    return 200, {"total_count": len(there), "repositories": told}


def covered(world, installation):
    named = installation.repositories
    ours = [one for one in world.repos.values() if one.owner is installation.account]
    return [one for one in ours if named is None or one.full_name in named]


@route("GET", "/user/installations")
def users_installations(call):
    """Those in which the person has any access at all: a plain member of an organisation sees them too."""
    who = _user(call)
    there = [
        one
        for one in call.world.installations.values()
        if one.app is who.app and not one.deleted and _reaches(call.world, one, who.login)
    ]
    told = call.page(there, partial(shapes.installation, call.base))
    return 200, {"total_count": len(there), "installations": told}


@route("GET", "/user/installations/{number}/repositories")
def users_repositories(call, number):
    """With what the person may do in each."""
    who = _user(call)
    found = call.world.installations.get(int(number))
    if found is None or found.app is not who.app or not _reaches(call.world, found, who.login):
        raise not_found()
    seen = [one for one in covered(call.world, found) if one.seen_by(who.login)]

    def told(one):
        rights = {"admin": one.run_by(who.login), "push": one.run_by(who.login), "pull": True}
        return shapes.repo(call.base, one, rights)

    return 200, {"total_count": len(seen), "repositories": call.page(seen, told)}


def _user(call):
    if getattr(call.who, "kind", "") != "user":
        raise Refusal(403, "You must authenticate with an access token authorized to a GitHub App")
    return call.who


def _reaches(world, installation, login):
    account = installation.account
    return (
        account.owned_by(login)
        or login in account.members
        or any(one.seen_by(login) and one.private for one in covered(world, installation))
    )


def authorised(github, form):
    """POST /login/oauth/access_token: a code becomes a token on somebody's behalf. Errors come with 200."""
    made, ends = github.world.codes.pop(form.get("code", ""), (None, 0))
    wrong = {
        "error": "bad_verification_code",
        "error_description": "The code passed is incorrect or expired.",
    }
    if not isinstance(made, tuple) or github.world.clock.seconds() > ends:
        return wrong
    app, login = made
    if form.get("client_id") != app.client_id or form.get("client_secret") != app.client_secret:
        return {"error": "incorrect_client_credentials", "error_description": "The client_id is incorrect."}
    return {"access_token": github.world.user_token(app, login), "token_type": "bearer", "scope": ""}
