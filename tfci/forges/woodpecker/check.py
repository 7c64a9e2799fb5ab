"""What a token may do at a Woodpecker, found out by looking: a finding for each thing, with what to mend."""

from collections.abc import Callable

from tfci.forges.errors import Gone
from tfci.forges.facts import Finding
from tfci.forges.woodpecker import schemas as shapes
from tfci.forges.woodpecker.api import Api

NO_ADMIN = (
    "The token's user {login} is no administrator of this Woodpecker, and only one sees its queue: whoever runs it can "
    "add {login} to WOODPECKER_ADMIN, or give a token of an administrator."
)
NO_AGENTS = (
    "This Woodpecker lets organisations have no agents of their own (WOODPECKER_DISABLE_USER_AGENT_REGISTRATION): link "
    "the whole instance, or have that lifted."
)


def run(api: Api, agents: Callable[[], str], org: str) -> tuple[str, list[Finding]]:
    """Whose token it is, and what was found. `agents`: where those of `org` are listed, or Gone. Raises Refused for a
    token that is none, Unreachable. The token comes first: to an unknown one Woodpecker answers 500 elsewhere."""
    user = api.got("GET", "/user", shapes.User)
    found = [Finding("Token", f"of {user.login}", "" if user.admin else NO_ADMIN.format(login=user.login))]
    if not user.admin:
        return user.login, found
    try:
        listed = agents()
    except Gone:
        mend = f"The token's user sees no organisation {org} at {api.url}: check its spelling."
        return user.login, [*found, Finding(f"Organisation {org}", "not there", mend)]
    if org:
        found.append(Finding(f"Organisation {org}", "is seen"))
    queue = api.got("GET", "/queue/info", shapes.Queue)
    found.append(
        Finding("Jobs", "may be listed; the queue is paused now" if queue.paused else "may be listed")
    )
    return user.login, [*found, _runners(api, listed)]


def _runners(api: Api, agents: str) -> Finding:
    try:
        api.call("GET", agents)
    except Gone:
        return Finding("Runners", "refused", NO_AGENTS)
    return Finding("Runners", "may be made and removed")
