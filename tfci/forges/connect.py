"""A LinkedOrg -> its Forge: the only place where a row meets a client. A new forge is one line in KINDS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from tfci.fetch import BadAddress, Policy, origin
from tfci.forges.clients import gitea, gitea_places
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import Act, EngineOrder, Forge, Hooks, Refused
from tfci.secret import Secret


@dataclass(frozen=True, slots=True)
class Kind:
    """`scopes`: level -> what a token needs for it. `token_end`: how long tokens last, in words, where none tells.
    `able`: its version -> what it does for a token."""

    title: str
    forge: Callable[..., Forge]
    hooks: Hooks
    scopes: Mapping[str, Sequence[str]]
    token_end: str
    able: Callable[[str], frozenset[Act]]


KINDS = {
    "gitea": Kind(
        "Gitea",
        gitea.Gitea,
        gitea.GiteaHooks(),
        {level: tuple(scopes.values()) for level, scopes in gitea_places.SCOPES.items()},
        "never: Gitea’s tokens have no end",
        gitea.able,
    )
}


def forge(org: LinkedOrg) -> Forge:
    """The client of one linked organisation, with its credential."""
    made = kind(org.forge).forge
    return made(org.url, org.name, org.token, policy(), level=org.level, engine=engine(org))


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
