"""A LinkedOrg -> its Forge: the only place where a row meets a client. A new forge is one line in KINDS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from tfci.fetch import BadAddress, Policy, origin
from tfci.forges.clients import gitea, gitea_places
from tfci.forges.clients.workflows import Actions
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import Act, EngineOrder, Forge, Hooks, Refused, Written
from tfci.secret import Secret


@dataclass(frozen=True, slots=True)
class Kind:
    """All that rooms and pages may know of a kind of forge: nobody asks for its name."""

    title: str
    forge: Callable[..., Forge]
    hooks: Hooks | None  # None: it sends no webhooks, and is polled
    scopes: Mapping[str, Sequence[str]]  # the levels that can be linked -> what a token needs for each
    hint: str  # how a token is made there
    lasts: str  # until when a token does, in words, where none tells
    able: Callable[[str], frozenset[Act]]  # its version -> what it does for a token
    written: Written
    unreached: str = ""  # what to look at where its webhooks don't arrive
    runner_url: str = ""  # of an engine that calls another address than ours: which, in words
    signposts: bool = True  # whether it shows a job that waits as broken until a runner is online


KINDS = {
    "gitea": Kind(
        "Gitea",
        gitea.Gitea,
        gitea.GiteaHooks(),
        {level: tuple(scopes.values()) for level, scopes in gitea_places.SCOPES.items()},
        hint="In Gitea, as an owner of what you link: Settings, Applications, Generate new token.",
        lasts="never: Gitea’s tokens have no end",
        able=gitea.able,
        written=Actions(".gitea/workflows"),
        unreached="its page of the webhook says why, and ALLOWED_HOST_LIST in its app.ini lets it",
    ),
}


def forge(org: LinkedOrg) -> Forge:
    """The client of one linked organisation, with its credential."""
    made = kind(org.forge).forge
    return made(
        org.url,
        org.name,
        org.token,
        policy(),
        level=org.level,
        engine=engine(org),
        runner_url=org.runner_url,
    )


def able(org: LinkedOrg) -> frozenset[Act]:
    """What its forge, as it was last checked, does for a token. No outside call."""
    return kind(org.forge).able(org.version)


def order(org: LinkedOrg, credential: Secret, labels: Sequence[str]) -> EngineOrder:
    """What a machine's agent needs to take one job there. No outside call."""
    return forge(org).order(credential, labels)


def kind(name: str) -> Kind:
    """Raises Refused with the kinds there are."""
    if name not in KINDS:
        known = ", ".join(kind.title for kind in KINDS.values())
        raise Refused(f"Farmhand does not know the forge “{name}”. It knows: {known}.")
    return KINDS[name]


def engine(org: LinkedOrg) -> str:
    """What runs inside a machine to take its jobs: the practice forge has an engine of its own."""
    return "practice" if practice(org) else org.forge


def practice(org: LinkedOrg) -> bool:
    """True for the practice forge of this installation, known by its exact origin."""
    try:
        return bool(settings.PRACTICE_FORGE) and origin(org.url) == origin(settings.PRACTICE_FORGE)
    except BadAddress:
        return False


def policy() -> Policy:
    """Which addresses a forge may have: public ones, and what the operator allows."""
    allowed = [*settings.ALLOWED_FORGE_ORIGINS, settings.PRACTICE_FORGE]
    return Policy(
        allow_private=settings.ALLOW_PRIVATE_FORGES,
        allowed_origins=frozenset(map(origin, filter(None, allowed))),
    )
