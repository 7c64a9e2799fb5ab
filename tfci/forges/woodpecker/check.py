"""What a token may do at a Woodpecker, found out by looking: a finding for each thing."""

from collections.abc import Callable

from tfci.forges import findings, problems
from tfci.forges.errors import Gone
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.woodpecker import schemas as shapes
from tfci.forges.woodpecker.api import WoodpeckerApi


def run(api: WoodpeckerApi, agents: Callable[[], str], org: str) -> tuple[str, list[Finding]]:
    """Whose token it is, and what was found. `agents`: where those of `org` are listed, or Gone. Raises
    ForgeRefused for a token that is none, Unreachable. The token comes first: to an unknown one Woodpecker answers 500
    elsewhere."""
    user = api.got("GET", "/user", shapes.WoodpeckerUser)
    if not user.admin:
        return user.login, [Finding(CheckSubject.TOKEN, problems.NotForgeAdmin(user.login))]
    found = [Finding(CheckSubject.TOKEN, findings.TokenOwner(user.login))]
    try:
        listed = agents()
    except Gone:
        unseen = problems.NotVisible("organization", org, api.url)
        return user.login, [*found, Finding(CheckSubject.PLACE, unseen)]
    if org:
        found.append(Finding(CheckSubject.PLACE, findings.Visible("organization", org)))
    queue = api.got("GET", "/queue/info", shapes.Queue)
    found.append(Finding(CheckSubject.JOBS, findings.QueuePaused() if queue.paused else findings.Listed()))
    return user.login, [*found, _runners(api, listed)]


def _runners(api: WoodpeckerApi, agents: str) -> Finding:
    try:
        api.call("GET", agents)
    except Gone:
        return Finding(CheckSubject.RUNNERS, problems.AgentsOff())
    return Finding(CheckSubject.RUNNERS, findings.Managed())
