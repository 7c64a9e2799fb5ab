"""What only a person can mend, the worst first: links in trouble, tokens that end, an empty wallet, refused jobs,
failing nodes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from billing.funds import Funds
from billing.templatetags.forecast import forecast, sequence
from runners.connections.health import Health
from runners.models import VM
from runners.reasons.connections import ConnectionCode
from runners.vms import last_failure
from tfci.accounts.models import Team
from tfci.core.optional import present
from tfci.core.reasons import Reason, Severity
from tfci.grid.models import Node
from tfci.templatetags.show import remaining, span

DAY = timedelta(days=1)
CHIPS = ("failure", "queued", "refused")  # from worst to mildest
MAX_OF_KIND = 3  # of one kind
REASON = 120  # characters of a node's last word


@dataclass(frozen=True, slots=True)
class Need:
    """`look` and `drawing` as a state has them; the way to mend it is `verb` at `href`."""

    look: str
    drawing: str
    title: str
    text: str
    href: str
    verb: str


def find(
    team: Team,
    connections: Iterable[Health],
    funds: Funds,
    refused: list[tuple[Reason, int]],
    now: datetime,
) -> list[Need]:
    """Connections know whether a pool `is_served`; `refused` counts refused jobs by reason. One query."""
    found = [
        *(need for health in connections for need in _of_connection(team, health, now)),
        *_of_funds(team, funds),
        *_of_refused(team, refused),
        *_of_nodes(team, now),
    ]
    return sorted(found, key=lambda need: CHIPS.index(need.look))


def _of_connection(team: Team, health: Health, now: datetime) -> Iterator[Need]:
    """One at most: its worst fault, with the others named behind it."""
    if not health.connection.alive:
        return
    if found := list(_faults(team, health, now)):
        worst, *others = found
        yield replace(worst, text=" ".join([worst.text, *(f"{other.title}." for other in others)]))


def _faults(team: Team, health: Health, now: datetime) -> Iterator[Need]:
    """The worst first."""
    connection, here = health.connection, reverse("connection", args=[team.slug, health.connection.pk])
    for sign in health.faults:
        if sign.severity == Severity.ERROR:
            text = str(sign.reason)
            yield Need(
                "failure",
                "alert-triangle",
                gettext("{connection} needs attention").format(connection=connection.name),
                text,
                here,
                gettext("View problem"),
            )
            break
    if any(sign.reason.code == ConnectionCode.TOKEN_EXPIRES_SOON for sign in health.faults):
        left = present(connection.token_ends_at) - now
        title = (
            gettext("The token for {connection} expires in {time}")
            if left > timedelta()
            else gettext("The token for {connection} has expired")
        ).format(connection=connection.name, time=span(left))
        text = gettext("Without a valid token, Farmhand can’t see its jobs.")
        yield Need("queued", "key", title, text, here, gettext("Replace token"))
    if not connection.is_served:  # type: ignore[attr-defined]  # asked beside it
        text = gettext("All its jobs are refused until a pool takes them.")
        new = reverse("pool_new", args=[team.slug])
        title = gettext("No pool takes jobs of {connection}").format(connection=connection.name)
        yield Need("refused", "stack-2", title, text, new, gettext("Create pool"))


def _of_funds(team: Team, funds: Funds) -> Iterator[Need]:
    if not funds.low:
        return
    here, verb = reverse("deposit", args=[team.slug]), gettext("Add TFT")
    if funds.on_own_twin:
        here, verb = reverse("own_twin", args=[team.slug]), gettext("See own twin")
    if funds.balance <= 0:
        text = gettext("No VM can start, so jobs wait until TFT is added. Running VMs end.")
        yield Need("failure", "coin", gettext("The wallet is empty"), text, here, verb)
    else:
        advice = gettext("Add TFT, or keep fewer VMs ready.")
        text = f"{forecast(funds)} {sequence(funds)} {advice}"
        title = gettext("The wallet runs out in {time}").format(time=remaining(funds.time_left))
        yield Need("queued", "coin", title, text, here, verb)


def _of_refused(team: Team, refused: list[tuple[Reason, int]]) -> Iterator[Need]:
    here = reverse("jobs", args=[team.slug]) + "?state=refused"
    for reason, count in refused[:MAX_OF_KIND]:
        title = ngettext("{n} job refused", "{n} jobs refused", count).format(n=f"{count:,}")
        yield Need("refused", "ban", title, reason.full_sentence, here, gettext("View jobs"))


def _of_nodes(team: Team, now: datetime) -> Iterator[Need]:
    """Those that are set aside after they failed the team's own VMs today."""
    tried = VM.objects.filter(team=team, created_at__gte=now - DAY, node__blocked_until__gt=now)
    nodes = Node.objects.filter(pk__in=tried.values("node")).order_by("-failures_in_a_row")
    for node in nodes[:MAX_OF_KIND]:
        here = f"{reverse('nodes', args=[team.slug])}?node={node.node_id}"
        title = (
            gettext("Node {node} failed once")
            if node.failures_in_a_row < 2
            else gettext("Node {node} failed {times} times in a row")
        ).format(node=node.node_id, times=node.failures_in_a_row)
        rest = gettext("It is set aside for {time}; other nodes are used.").format(
            time=span(present(node.blocked_until) - now)
        )
        failure = last_failure.reason(node)
        why = f"{str(failure).rstrip('.')[:REASON]}. " if failure else ""
        yield Need("queued", "server-2", title, why + rest, here, gettext("View node"))
