"""What a few words find for somebody of a team: pages, the team's own rows, nodes of the grid, the manual.

Each group takes one query, jobs take three. A query reads what an index answers, or a bounded number of rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, F, Model, Q, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from runners.jobs import search
from runners.models import VM, Job, Pool, Server
from tfci.accounts.models import Team
from tfci.core.formatting import plural
from tfci.forges.models import Connection
from tfci.grid import registry
from tfci.grid.models import Node
from tfci.pages.destinations import reachable
from tfci.pages.manual import manual

Row = TypeVar("Row", bound=Model)
WORDS = 8  # of a query; the rest is left out
LOOKED_AT = 1000  # a team's newest VMs
DIGITS = 18  # of a number that may be an id


@dataclass(frozen=True, slots=True)
class Result:
    """One place to go to. `state` and `conclusion`: a job's or VM's, for its chip."""

    title: str
    url: str
    icon: str
    note: str = ""
    state: str = ""
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """Results of one kind. `more`: the list that has the others."""

    title: str
    results: list[Result]
    more: str = ""


def find(team: Team, role: str, query: str, most: int) -> list[ResultGroup]:
    """The groups that have results, at most `most` in each. Without a word, the team's pages alone."""
    words = query.lower().split()[:WORDS]
    if not words:
        return [ResultGroup(gettext("Pages"), _pages(team, role, words))]
    manual_url = reverse("manual") + "?" + urlencode({"q": query})
    groups = [
        ResultGroup(gettext("Pages"), _pages(team, role, words)[:most]),
        *_named(team, words, most),
        ResultGroup(gettext("Repositories"), _repositories(team, words)[:most]),
        ResultGroup(gettext("Jobs"), _jobs(team, words, most), _jobs_url(team, q=" ".join(words))),
        ResultGroup("VMs", _vms(team, words, most)),
        ResultGroup(gettext("Nodes"), _nodes(team, words, most)),
        ResultGroup(gettext("Manual"), _manual(query)[:most], manual_url),
    ]
    return [group for group in groups if group.results]


def _pages(team: Team, role: str, words: list[str]) -> list[Result]:
    return [Result(gettext(page.title), url, page.icon) for page, url in reachable(team, role, words)]


def _named(team: Team, words: list[str], most: int) -> list[ResultGroup]:
    """Open pools, connections and servers by name, in one query."""
    pools = Pool.objects.of(team).filter(closed_at=None)
    connections = Connection.objects.of(team).filter(disconnected_at=None)
    servers = Server.objects.of(team).filter(closed_at=None)
    parts = [
        _columns("pool", _having(pools, _without(words, "pool"), "name"), "", most),
        _columns("connection", _having(connections, _without(words, "connection"), "name"), F("url"), most),
        _columns("server", _having(servers, _without(words, "server"), "name"), F("app"), most),
    ]
    found = list(parts[0].union(*parts[1:], all=True))
    kinds = (
        (gettext("Pools"), "pool", "stack-2"),
        (gettext("Connections"), "connection", "plug"),
        (gettext("Servers"), "server", "world"),
    )
    return [
        ResultGroup(
            title,
            [
                Result(name, reverse(kind, args=[team.slug, pk]), icon, note)
                for of_kind, pk, name, note in found
                if of_kind == kind
            ],
            reverse(f"{kind}s", args=[team.slug]),
        )
        for title, kind, icon in kinds
    ]


def _columns(
    kind: str, rows: QuerySet[Row], note: str | F, most: int
) -> QuerySet[Row, tuple[str, int, str, str]]:
    beside = note if isinstance(note, F) else Value(note)
    return rows.order_by("name").values_list(Value(kind), "pk", "name", beside)[:most]


def _repositories(team: Team, words: list[str]) -> list[Result]:
    left = _without(words, "repository", "repositories")
    names = [name for name in search.repositories(team) if all(word in name.lower() for word in left)]
    return [Result(name, _jobs_url(team, repository=name), "git-fork") for name in names]


def _jobs(team: Team, words: list[str], most: int) -> list[Result]:
    """By number, and by the names that a job has, the newest first."""
    left = _without(words, "job")
    page = search.find(team, search.JobFilter(text=" ".join(left)), QueryDict(), most).page
    keys = [*_numbers(left), *(job.pk for job in page.items)]
    jobs = Job.objects.of(team).in_bulk(keys)
    return [
        Result(
            f"{job.workflow} › {job.name}" if job.workflow else job.name,
            reverse("job", args=[team.slug, job.pk]),
            "list-details",
            " · ".join(filter(None, [gettext("Job {pk}").format(pk=job.pk), job.repository, job.branch])),
            job.state,
            job.conclusion,
        )
        for job in (jobs[key] for key in dict.fromkeys(keys) if key in jobs)
    ][:most]


def _jobs_url(team: Team, **query: str) -> str:
    return reverse("jobs", args=[team.slug]) + "?" + urlencode(query)


def _vms(team: Team, words: list[str], most: int) -> list[Result]:
    """By number, or the newest ones by the name of their pool or server."""
    left, rows = _without(words, "vm"), VM.objects.filter(team=team)
    if numbers := _numbers(left):
        found = rows.filter(pk__in=numbers)
    else:
        newest = rows.order_by("-pk").values("pk")[:LOOKED_AT]
        named = [Q(pool__name__icontains=word) | Q(server__name__icontains=word) for word in left]
        found = VM.objects.filter(*named, pk__in=newest)
    return [
        Result(
            gettext("VM {pk}").format(pk=vm.pk),
            reverse("vm", args=[team.slug, vm.pk]),
            "server-2",
            " · ".join(str(of) for of in (vm.pool or vm.server, vm.node) if of),
            vm.state,
        )
        for vm in found.select_related("pool", "server", "node").order_by("-pk")[:most]
    ]


def _nodes(team: Team, words: list[str], most: int) -> list[Result]:
    """One by its number; else countries and farms, with how many nodes they have."""
    left, url = _without(words, "node"), reverse("nodes", args=[team.slug])
    rows = Node.objects.filter(network=registry.network(), left_at=None)
    if numbers := _numbers(left):
        return [
            Result(
                gettext("Node {node_id}").format(node_id=node.node_id),
                f"{url}?node={node.node_id}",
                "map-pin",
                f"{node.country}, {node.farm}",
            )
            for node in rows.filter(node_id__in=numbers).select_related("farm")
        ]
    places = [
        _having(rows, _without(left, kind), column)
        .values(column)
        .annotate(nodes=Count("pk"))
        .order_by(column)
        .values_list(Value(kind), column, "nodes")[:most]
        for kind, column in (("country", "country"), ("farm", "farm__name"))
    ]
    return [
        Result(
            name,
            f"{url}?{urlencode({kind: name})}",
            "map-pin",
            f"{kind.capitalize()}, {plural(count, 'node')}",
        )
        for kind, name, count in places[0].union(places[1], all=True)
    ][:most]


def _manual(query: str) -> list[Result]:
    return [
        Result(
            hit.place.title,
            hit.place.url,
            "file-text",
            hit.place.page if hit.place.page != hit.place.title else "",
        )
        for hit in manual().index.find(query)
    ]


def _without(words: list[str], noun: str, plural_noun: str = "") -> list[str]:
    """The words but for what the group is called: "vm 12" looks for 12 among VMs."""
    return [word for word in words if word not in (noun, plural_noun or f"{noun}s")]


def _having(rows: QuerySet[Row], words: Iterable[str], column: str) -> QuerySet[Row]:
    """Those whose column has all of the words."""
    return rows.filter(*(Q(**{f"{column}__icontains": word}) for word in words))


def _numbers(words: list[str]) -> list[int]:
    """The one number that is all of the words: "#12" or "12"."""
    [word] = words if len(words) == 1 else [""]
    digits = word.removeprefix("#")
    return [int(digits)] if digits.isdecimal() and len(digits) <= DIGITS else []
