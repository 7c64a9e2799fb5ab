"""How well we hear of an organisation's jobs: signs of health, each with what to do where something is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, Func, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from runners.models import Job, Orphan
from tfci.core.optional import present
from tfci.forges import authority, health, registry, signposts
from tfci.forges.models import Connection, Contact, Delivery, Installation, ScaleSet, Tally
from tfci.forges.ports import ShowsSignposts
from tfci.forges.scale_set_ports import HasScaleSets
from tfci.templatetags.show import span

DEAF = timedelta(minutes=3)  # without an answer of a scale set, which comes once a minute at least
LATE = timedelta(minutes=2)  # a webhook that comes so long after the poll is not missed yet
LATELY = timedelta(days=1)  # what is older is told, and needs nobody any more
COUNTED = 1000  # deliveries; that there are more is all that is said of more
WARNED = timedelta(days=14)  # before a token's end
WORDS = {"success": "Well", "queued": "Look at it", "failure": "Needs you"}
ONCE = "Its forge tries each delivery once. Its own page of the webhook says why one failed."
MEND = {
    Tally.Kind.SIGNATURE: "Press “Check now”: it makes the webhook anew. If they go on, somebody else sends to its "
    "address: unlink and link anew for another one.",
    Tally.Kind.SIZE: "A delivery may have 1 MiB. Nothing is lost: its jobs are found by polling.",
    Tally.Kind.UNREADABLE: "Its forge wrote what we can’t read. Nothing is lost, but tell the operator, with the "
    "sentence above.",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """`look`: success, queued (look at it), failure (mend it) or waiting (nothing to say). `at` ends the sentence."""

    what: str
    look: str
    said: str
    at: datetime | None = None
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted beside the row, over health.SPAN."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    missed: int = 0
    missed_at: datetime | None = None
    orphans: int = 0
    orphan_at: datetime | None = None
    delivered: int = 0  # deliveries, at most COUNTED and one more
    scale_sets: tuple[ScaleSet, ...] = ()  # that are wanted


def counted(connections: QuerySet[Connection], now: datetime) -> QuerySet[Connection]:
    """With `missed`, `missed_at`, `orphans`, `orphan_at` and `delivered` of each, as `facts` takes them."""
    since = now - health.SPAN
    jobs = Job.objects.filter(connection=OuterRef("pk"), discovered_by="poll", first_webhook_at=None)
    late = jobs.filter(discovered_at__gt=since, discovered_at__lte=now - LATE)
    found = Orphan.objects.filter(connection=OuterRef("pk"), removed_at__gt=since)
    return connections.annotate(
        missed=Coalesce(_hooked(_one(late, Count("pk"))), 0),
        missed_at=_hooked(_one(late, Max("discovered_at"))),
        orphans=Coalesce(_one(found, Count("pk")), 0),
        orphan_at=_one(found, Max("removed_at")),
        delivered=_up_to(COUNTED + 1, Delivery.objects.filter(connection=OuterRef("pk"))),
    )


def _up_to(most: int, rows: QuerySet) -> Func:
    """How many there are, without counting further than that."""
    found = ArraySubquery(rows.order_by().values("pk")[:most])
    return Func(found, function="cardinality", output_field=IntegerField())


def _one(rows: QuerySet, sum_of: Count | Max) -> Subquery:
    return Subquery(rows.order_by().values("connection").annotate(all=sum_of).values("all"))


def _hooked(asked: Subquery) -> Case:
    """Only where a webhook should have come."""
    return Case(When(Q(way=Connection.Way.WEBHOOK) & ~Q(hook_id=""), then=asked))


def facts(connections: Iterable[Connection], now: datetime) -> dict[int, Facts]:
    """Organisation id -> its facts; `connections` as `counted` has read them."""
    connections = list(connections)
    tallies, sets = health.tallies(connections, now), _scale_sets(connections)
    return {
        connection.pk: Facts(
            tallies.get(connection.pk, {}),
            connection.missed,  # type: ignore[attr-defined]  # counted beside it
            connection.missed_at,  # type: ignore[attr-defined]  # counted beside it
            connection.orphans,  # type: ignore[attr-defined]  # counted beside it
            connection.orphan_at,  # type: ignore[attr-defined]  # counted beside it
            connection.delivered,  # type: ignore[attr-defined]  # counted beside it
            tuple(one for one in sets if one.connection_id == connection.pk),
        )
        for connection in connections
    }


def _scale_sets(connections: Iterable[Connection]) -> list[ScaleSet]:
    """Without what is secret of them, for to decipher that takes its time."""
    if not settings.SCALE_SETS:
        return []
    return list(
        ScaleSet.objects.filter(connection__in=connections, wanted=True)
        .defer("access_token", "queue_token")
        .order_by("pk")
    )


def signs(connection: Connection, known: Facts, now: datetime) -> list[Sign]:
    """All of them, in the order of a job's way."""
    found = [_webhook(connection, known), *_missing(connection, known, now), *_odd(known, now)]
    found += [*_sets(connection, known, now), _polling(connection, now)]
    posts = [_signpost(connection, now)] if registry.kind(connection.forge).does(ShowsSignposts) else []
    return [
        *found,
        *posts,
        _runners(connection, known, now),
        _rights(connection),
        _token(connection, now),
        *_authority(connection, now),
        *_calls(connection),
    ]


def word(connection: Connection, found: list[Sign]) -> tuple[str, str]:
    """A look and a word for the worst of them."""
    if connection.disconnecting_at:
        return "cancelled", "Unlinking"
    looks = {sign.look for sign in found}
    worst = next((each for each in ("failure", "queued") if each in looks), "success")
    return worst, WORDS[worst]


def _webhook(connection: Connection, known: Facts) -> Sign:
    if connection.way == Connection.Way.POLL:
        why = "by choice" if registry.kind(connection.forge).webhooks else "for its forge sends none"
        return Sign("Webhook", "waiting", f"none, {why}: jobs are found by polling alone")
    if not connection.hook_id:
        return Sign("Webhook", "failure", "not made", mend="Press “Check now” to make it.")
    if connection.last_webhook_at:
        return Sign("Webhook", "success", f"{_deliveries(known)}the last came", connection.last_webhook_at)
    return Sign(
        "Webhook", "queued", "made, and none has come yet", mend=f"Push something. {_reach(connection)}"
    )


def _deliveries(known: Facts) -> str:
    """Those that were taken, as long as they are kept."""
    if known.delivered > COUNTED:
        return f"more than {COUNTED:,} deliveries in 7 days, "
    return f"{known.delivered} deliver{'y' if known.delivered == 1 else 'ies'} in 7 days, "


def _reach(connection: Connection) -> str:
    look = present(registry.kind(connection.forge).webhooks).blocked_advice
    return f"If still none comes, {connection.url} may not call us: {look}. Or choose “Poll only”."


def _missing(connection: Connection, known: Facts, now: datetime) -> list[Sign]:
    if connection.way == Connection.Way.POLL or not connection.hook_id:
        return []
    if not known.missed:
        return [Sign("Missed webhooks", "success", "none in 7 days")]
    jobs = "1 job was" if known.missed == 1 else f"{known.missed} jobs were"
    said = f"{jobs} found by polling and never told of in 7 days, the last"
    if connection.last_webhook_at is None or present(known.missed_at) > connection.last_webhook_at:
        return [Sign("Missed webhooks", "failure", said, known.missed_at, _reach(connection))]
    if now - present(known.missed_at) > LATELY:
        return [Sign("Missed webhooks", "success", said, known.missed_at)]
    return [Sign("Missed webhooks", "queued", said, known.missed_at, ONCE)]


def _odd(known: Facts, now: datetime) -> list[Sign]:
    """Deliveries that were doubled or refused; a doubled one does no harm."""
    found = []
    for kind, tally in sorted(known.tallies.items()):
        if kind == Tally.Kind.DOUBLED:
            said = f"{tally.count} in 7 days, each counted once, the last"
            found.append(Sign("Doubled deliveries", "success", said, tally.at))
        else:
            why = f"{tally.get_kind_display()}: {tally.count} in 7 days"
            said = f"{why}. The last was answered “{tally.said.rstrip('.')}”" if tally.said else why
            fresh = now - tally.at < LATELY
            look, mend = ("queued", MEND[Tally.Kind(kind)]) if fresh else ("success", "")
            found.append(Sign("Refused deliveries", look, said, tally.at, mend))
    return found


def _sets(connection: Connection, known: Facts, now: datetime) -> list[Sign]:
    """Where the operator has turned them on, and its forge has them."""
    if not settings.SCALE_SETS or not registry.kind(connection.forge).does(HasScaleSets):
        return []
    what, sets = "Scale sets", known.scale_sets
    if not sets:
        return [Sign(what, "waiting", "none: no pool serves a named size for all its repositories")]
    labels = ", ".join(one.label for one in sets)
    if wrong := next((one for one in sets if one.trouble), None):
        mend = "We try again every 30 seconds. Jobs are found by polling meanwhile."
        said = f"of “{wrong.label}”: {wrong.trouble.rstrip('.')}" + (
            "; it answered" if wrong.answered_at else ""
        )
        return [Sign(what, "queued", said, wrong.answered_at, mend)]
    if any(one.answered_at is None or now - one.answered_at > DEAF for one in sets):
        mend = "If it stays so for minutes, tell the operator: the process worker-hear may not run."
        return [Sign(what, "queued", f"nobody listens to all of {labels}", mend=mend)]
    at = max((one.last_message_at for one in sets if one.last_message_at), default=None)
    return [
        Sign(
            what,
            "success",
            f"listens for {labels}; {'the last message came' if at else 'none has come yet'}",
            at,
        )
    ]


def _polling(connection: Connection, now: datetime) -> Sign:
    look = f"See whether {connection.url} is up, and whether this server may reach it."
    match connection.contact(now):
        case Contact.LIMITED:
            said = "its forge wants fewer calls, so we ask again"
            return Sign("Polling", "queued", said, connection.limited_until)
        case Contact.SILENT:
            said = f"no answer for {span(now - present(connection.silent_since))}; next try"
            mend = f"{look} A webhook from it, or “Check now”, makes the next try come at once."
            return Sign("Polling", "failure", said, connection.retry_at or now, mend)
        case Contact.NEW:
            mend = "This takes a second. If not, tell the operator."
            return Sign("Polling", "queued", "not asked yet", mend=mend)
        case Contact.LATE:
            return Sign("Polling", "failure", "no good answer since", connection.last_polled_at, look)
    stirs = connection.last_activity_at and now - connection.last_activity_at < LATE
    pace = registry.pace(connection)
    often = f"up to every {pace.often.total_seconds():g} s"
    said = (
        f"{often}, for something goes on"
        if stirs
        else f"every {pace.quiet.total_seconds():g} s, {often} while jobs go on"
    )
    return Sign("Polling", "success", f"asked {said}; answered", connection.last_polled_at)


def _signpost(connection: Connection, now: datetime) -> Sign:
    count = len(connection.signpost_labels)
    if not count:
        return Sign("Signpost", "waiting", "made with the first job")
    shown = f"shows {count} label{'' if count == 1 else 's'}"
    if connection.signpost_at is None or now - connection.signpost_at > 2 * signposts.EVERY:
        mend = "Its forge may put a red alert beside jobs that wait. It speaks again once the forge answers."
        return Sign("Signpost", "queued", f"{shown}, and has not spoken since", connection.signpost_at, mend)
    return Sign("Signpost", "success", f"{shown}, spoke", connection.signpost_at)


def _runners(connection: Connection, known: Facts, now: datetime) -> Sign:
    if known.orphans:
        said = f"{known.orphans} without a machine found there in 7 days and taken away, the last"
        look = "queued" if now - present(known.orphan_at) < LATELY else "success"
        return Sign("Runners", look, said, known.orphan_at)
    if connection.last_swept_at is None:
        return Sign("Runners", "waiting", "not compared with our machines yet, which is done every 30 s")
    return Sign("Runners", "success", "none there without a machine, looked", connection.last_swept_at)


def _rights(connection: Connection) -> Sign:
    if connection.trouble:
        mend = "Once that is done, press “Check now”. We look again by ourselves too, within 5 minutes."
        return Sign("Rights there", "failure", connection.trouble, mend=mend)
    return Sign("Rights there", "success", "all that we need, looked", connection.checked_at)


def _token(connection: Connection, now: datetime) -> Sign:
    if connection.installation:
        return _app_token(connection.installation, now)
    if connection.token_ends_at is None:
        return Sign("Token", "success", f"ends {registry.kind(connection.forge).guide.token_lifetime}")
    near = connection.token_ends_at - now < WARNED
    mend = "Give it a new token before then, below." if near else ""
    return Sign("Token", "queued" if near else "success", "ends", connection.token_ends_at, mend)


def _authority(connection: Connection, now: datetime) -> list[Sign]:
    """Of its own, where it has one."""
    pem = registry.authority(connection)
    if not pem:
        return []
    known = authority.known(pem)
    said, near = f"“{known.name}” ends", known.ends_at - now < WARNED
    mend = "Paste its successor before then, below." if near and not connection.installation else ""
    return [Sign("Authority", "queued" if near else "success", said, known.ends_at, mend)]


def _app_token(installation: Installation, now: datetime) -> Sign:
    """GitHub's last an hour; each is renewed before its end."""
    ends, minted = installation.token_ends_at, installation.minted_at
    if ends is None or ends <= now:
        mend = "It takes seconds. If it stays so, see “Rights there”, and tell the operator."
        return Sign("Token", "queued", f"the App {installation.app} fetches one", mend=mend)
    next_in = max(timedelta(), installation.due_at - now)
    said = f"of the App {installation.app}, renewed by itself, next in {span(next_in)}; last"
    return Sign("Token", "success", said, minted)


def _calls(connection: Connection) -> list[Sign]:
    """Where a forge counts them."""
    left = registry.calls_left(connection)
    if left is None:
        return []
    calls, limit = left
    said = f"{calls:,} of {limit:,} left this hour"
    if calls > limit // 5:
        return [Sign("Calls", "success", said)]
    mend = "Jobs are looked for less often until the hour is over; webhooks tell of them meanwhile."
    return [Sign("Calls", "queued", said, mend=mend)]
