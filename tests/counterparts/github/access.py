"""Who calls, and what a caller may: Apps by a JWT, all others by a token."""

import jwt

from tests.counterparts.github.errors import Refusal, not_found

RANK = {"none": 0, "read": 1, "write": 2, "admin": 3}
SKEW = 60  # seconds that a JWT may be from the future


def caller(world, headers):
    """The token's row, or the App. Raises Refusal with what GitHub says."""
    scheme, _, words = headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "token") or not words:
        raise Refusal(401, "Requires authentication")
    if words.count(".") == 2:
        return app(world, words)
    token = world.tokens.get(words)
    if token is None or (token.expires_at and token.expires_at <= world.clock.now()):
        raise Refusal(401, "Bad credentials")
    if token.installation and token.installation.deleted:
        raise Refusal(401, "Bad credentials")
    if token.installation and token.installation.suspended_at:
        raise Refusal(403, "This installation has been suspended")
    return token


def app(world, words):
    """The App that signed it with RS256, for at most ten minutes by GitHub's clock."""
    try:
        told = jwt.decode(words, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise Refusal(401, "A JSON web token could not be decoded") from None
    found = next(
        (one for one in world.apps.values() if str(told.get("iss")) in (str(one.id), one.client_id)), None
    )
    if found is None:
        raise Refusal(404, "Integration not found")
    try:
        checks = {"verify_exp": False, "verify_iat": False}
        told = jwt.decode(words, found.public, algorithms=["RS256"], options=checks)
    except jwt.InvalidTokenError:
        raise Refusal(401, "A JSON web token could not be decoded") from None
    now = world.clock.seconds()
    if not isinstance(told.get("iat"), int) or told["iat"] > now + SKEW:
        raise Refusal(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )
    if not isinstance(told.get("exp"), int) or told["exp"] <= now:
        raise Refusal(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires",
        )
    if told["exp"] > now + 600 + SKEW:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
    return found


def org(world, token, login, permission):
    """The organisation, where the token may so much in it."""
    account = world.accounts.get(login)
    if account is None or account.type != "Organization":
        raise not_found()
    _allow(token, account, permission)
    if token.kind != "installation" and not account.owned_by(token.login):
        raise Refusal(403, "Must have admin rights to Organization.")
    return account


def repo(world, token, full_name, permission):
    """The repository, where the token may so much in it. What one may not see is not found."""
    found = world.repos.get(full_name)
    if found is None or not sees(token, found):
        raise not_found()
    name, _, level = permission.partition(":")
    _allow(token, found.owner, permission)
    admins_only = name in ("administration", "repository_hooks") or level == "write"
    if token.kind != "installation" and admins_only and not found.run_by(token.login):
        raise Refusal(403, "Must have admin rights to Repository.")
    return found


def sees(token, found):
    if token.kind == "installation":
        named = token.installation.repositories
        ours = found.owner is token.installation.account and (named is None or found.full_name in named)
        return ours or not found.private
    return found.seen_by(token.login) and (token.owner in (None, found.owner) or not found.private)


def _allow(token, account, permission):
    name, _, level = permission.partition(":")
    beyond = token.owner not in (None, account)
    if beyond or RANK[token.permissions.get(name, "none")] < RANK[level]:
        who = "personal access token" if token.kind == "personal" else "integration"
        raise Refusal(
            403,
            f"Resource not accessible by {who}",
            headers={"X-Accepted-GitHub-Permissions": f"{name}={level}"},
        )
