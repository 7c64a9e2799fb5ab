"""Test a token's permissions at a Woodpecker by reading: a finding for each of them."""

from collections.abc import Callable

from tfci.forges import findings, problems
from tfci.forges.errors import Gone
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.woodpecker import schemas as shapes
from tfci.forges.woodpecker.api import WoodpeckerApi


def run(api: WoodpeckerApi, agents: Callable[[], str], org: str) -> tuple[str, list[Finding]]:
    """The token's owner, and the findings. `agents`: the path of those of `org`, or Gone. Raises ForgeRefused for an
    invalid token, Unreachable. The token comes first: for an unknown one Woodpecker answers 500 elsewhere."""
    user = api.fetch("GET", "/user", shapes.WoodpeckerUser)
    if not user.admin:
        return user.login, [Finding(CheckSubject.TOKEN, problems.NotForgeAdmin(user.login))]
    found = [Finding(CheckSubject.TOKEN, findings.TokenOwner(user.login))]
    try:
        listed = agents()
    except Gone:
        problem = problems.NotVisible("organization", org, api.url)
        return user.login, [*found, Finding(CheckSubject.PLACE, problem)]
    if org:
        found.append(Finding(CheckSubject.PLACE, findings.Visible("organization", org)))
    queue = api.fetch("GET", "/queue/info", shapes.Queue)
    found.append(Finding(CheckSubject.JOBS, findings.QueuePaused() if queue.paused else findings.Listed()))
    return user.login, [*found, _runners(api, listed)]


def _runners(api: WoodpeckerApi, agents: str) -> Finding:
    try:
        api.call("GET", agents)
    except Gone:
        return Finding(CheckSubject.RUNNERS, problems.AgentsOff())
    return Finding(CheckSubject.RUNNERS, findings.Managed())
