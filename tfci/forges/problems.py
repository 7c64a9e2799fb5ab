"""Problems of a connection to a forge: codes with parameters, as clients know them. Pure.

A ForgeError carries the problem that it is; a connection's row holds all that there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from tfci.core.reasons import Other, Owner, Reason, Severity
from tfci.core.translation import gettext, gettext_noop, translated
from tfci.forges.findings import ForgeReason

TITLES = {
    "gitea": "Gitea",
    "forgejo": "Forgejo",
    "github": "GitHub Enterprise Server",
    "woodpecker": "Woodpecker",
}
TOO_OLD = {
    "gitea": gettext_noop("Older versions can't list queued jobs, so Farmhand would miss some."),
    "forgejo": gettext_noop("Older versions can't list queued jobs or bind a runner to one job."),
    "github": gettext_noop("Older versions don't support single-job runners."),
    "woodpecker": gettext_noop("Agents of older versions run one workflow after another and never exit."),
}


class ProblemCode(StrEnum):
    VERSION_TOO_OLD = "version_too_old"
    TOKEN_UNKNOWN = "token_unknown"  # noqa: S105
    TOKEN_OF_OTHER = "token_of_other"  # noqa: S105
    TOKEN_LACKS_SCOPE = "token_lacks_scope"  # noqa: S105
    TOKEN_PUBLIC_ONLY = "token_public_only"  # noqa: S105
    TOKEN_LACKS_PERMISSION = "token_lacks_permission"  # noqa: S105
    APP_LACKS_PERMISSION = "app_lacks_permission"
    APP_SUSPENDED = "app_suspended"
    APP_UNINSTALLED = "app_uninstalled"
    NOT_ORGANIZATION_OWNER = "not_organization_owner"
    NOT_SITE_ADMIN = "not_site_admin"
    NOT_REPOSITORY_OWNER = "not_repository_owner"
    NOT_OWNER = "not_owner"
    NOT_FORGE_ADMIN = "not_forge_admin"
    NOT_VISIBLE = "not_visible"
    ACTIONS_OFF = "actions_off"
    ACTIONS_OFF_HERE = "actions_off_here"
    AGENTS_OFF = "agents_off"
    RUNNER_GROUP_MISSING = "runner_group_missing"
    FORGE_REFUSED = "forge_refused"
    FORGE_LIMITED = "forge_limited"
    FORGE_NO_ANSWER = "forge_no_answer"
    GONE_AT_FORGE = "gone_at_forge"
    SCALE_SET_TAKEN = "scale_set_taken"
    WEBHOOK_FAILED = "webhook_failed"
    LEFT_AT_FORGE = "left_at_forge"
    SCALE_SET_LEFT = "scale_set_left"


@dataclass(frozen=True, slots=True)
class ForgeProblem(ForgeReason):
    """One that whoever runs the forge has to solve."""

    known: ClassVar[dict[str, type[Reason]]] = {}
    severity: ClassVar[Severity] = Severity.ERROR


@dataclass(frozen=True, slots=True)
class TeamProblem(ForgeProblem):
    """One that the team can solve."""

    owner: ClassVar[Owner] = Owner.TEAM


@dataclass(frozen=True, slots=True)
class VersionTooOld(ForgeProblem):
    """`forge`: a kind's name."""

    code = ProblemCode.VERSION_TOO_OLD
    advice = translated("Update the forge.")
    sentence = translated("This is {title} {version}. Update it to {minimum} or newer. {why}")
    forge: str
    version: str
    minimum: str

    def __str__(self) -> str:
        title, why = TITLES.get(self.forge, self.forge), gettext(TOO_OLD.get(self.forge, ""))
        return self.sentence.format_map(self.params | {"title": title, "why": why}).strip()


def _new_token(page: str, scopes: Iterable[str]) -> str:
    """How to get a better one; `page`: where tokens are made, "" where the one that counts is shown."""
    if not page:
        return gettext("Copy the token that is shown there now.")
    needed = ", ".join(scopes) or gettext("the permissions it needs")
    return gettext("Create a new one at {page} with {scopes}.").format(page=page, scopes=needed)


@dataclass(frozen=True, slots=True)
class TokenUnknown(TeamProblem):
    code = ProblemCode.TOKEN_UNKNOWN
    advice = translated("Create a new token at the forge and paste it into this connection.")
    url: str
    page: str = ""
    scopes: tuple[str, ...] = ()

    def __str__(self) -> str:
        rejected = gettext("{url} rejected the token.").format(url=self.url)
        return f"{rejected} {_new_token(self.page, self.scopes)}"


@dataclass(frozen=True, slots=True)
class TokenOfOther(TeamProblem):
    """Only a user's own token can make runners for that user."""

    code = ProblemCode.TOKEN_OF_OTHER
    advice = translated("Create the token as that user.")
    sentence = translated(
        "The token belongs to {login}, but only {name}'s own token can create runners for {name}. Sign in as {name} "
        "at the forge and create a token there."
    )
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class TokenLacksScope(TeamProblem):
    """`optional`: one that a connection does without, of what was just asked."""

    code = ProblemCode.TOKEN_LACKS_SCOPE
    advice = translated("Create a new token with all scopes and paste it into this connection.")
    scope: str
    page: str
    scopes: tuple[str, ...]
    optional: bool = False

    def __str__(self) -> str:
        what = gettext("the scope {scope}").format(scope=self.scope)
        return _lacks(what, self.scope, self.page, self.scopes, self.optional)


@dataclass(frozen=True, slots=True)
class TokenLacksPermission(TeamProblem):
    """As TokenLacksScope, at GitHub, which does not always name the permission."""

    code = ProblemCode.TOKEN_LACKS_PERMISSION
    advice = translated("Create a new token with all permissions and paste it into this connection.")
    permission: str
    page: str
    scopes: tuple[str, ...]
    optional: bool = False

    def __str__(self) -> str:
        what = _permission(self.permission)
        return _lacks(what, self.permission, self.page, self.scopes, self.optional)


def _lacks(what: str, name: str, page: str, scopes: Iterable[str], optional: bool) -> str:
    lacks = gettext("The token lacks {what}.")
    if optional:
        lacks = gettext("The token lacks {what}, which is optional for a connection.")
        scopes = [gettext("{scopes} and {scope}").format(scopes=", ".join(scopes), scope=name)]
    return f"{lacks.format(what=what)} {_new_token(page, scopes)}"


def _permission(name: str) -> str:
    return gettext("the permission {name}").format(name=name) if name else gettext("a permission")


@dataclass(frozen=True, slots=True)
class TokenPublicOnly(TeamProblem):
    code = ProblemCode.TOKEN_PUBLIC_ONLY
    advice = translated("Create a token for public and private repositories.")
    sentence = translated(
        "The token can only access public repositories, but needs access to public and private ones."
    )
    page: str
    scopes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.sentence} {_new_token(self.page, self.scopes)}"


@dataclass(frozen=True, slots=True)
class AppLacksPermission(TeamProblem):
    code = ProblemCode.APP_LACKS_PERMISSION
    advice = translated(
        "The App's owner requests the permission, and an owner of the organization accepts it."
    )
    sentence = translated(
        "The App {app} lacks {what}. Its owner can request it at GitHub; then you accept the request."
    )
    app: str
    permission: str

    def __str__(self) -> str:
        return self.sentence.format(app=self.app, what=_permission(self.permission))


@dataclass(frozen=True, slots=True)
class AppSuspended(TeamProblem):
    code = ProblemCode.APP_SUSPENDED
    advice = translated("Ask an owner to unsuspend the App at GitHub.")
    sentence = translated("{url} has suspended the App’s installation. Its owner there can unsuspend it.")
    url: str


@dataclass(frozen=True, slots=True)
class AppUninstalled(TeamProblem):
    code = ProblemCode.APP_UNINSTALLED
    advice = translated("Install the App at GitHub again, and connect again.")
    sentence = translated("{account} has uninstalled the App {app}, so this connection has ended.")
    account: str
    app: str


class NotOrganizationOwner(TeamProblem):
    code = ProblemCode.NOT_ORGANIZATION_OWNER
    advice = translated("Use a token of an owner.")
    sentence = translated(
        "The token's user does not own this organization. Add the user to its Owners team, or use a token of an "
        "owner."
    )


class NotSiteAdmin(TeamProblem):
    code = ProblemCode.NOT_SITE_ADMIN
    advice = translated("Use a token of an administrator.")
    sentence = translated(
        "The token's user is not an administrator of this instance. Use a token of a site administrator, or connect a "
        "single organization."
    )


class NotRepositoryOwner(TeamProblem):
    code = ProblemCode.NOT_REPOSITORY_OWNER
    advice = translated("Use a token of the repository's owner.")
    sentence = translated(
        "The token's user does not own this repository. Use a token of its owner, or of a member of a team with "
        "administrator access in its organization. Collaborators can't create runners."
    )


@dataclass(frozen=True, slots=True)
class NotOwner(TeamProblem):
    """`said`: GitHub's own sentence."""

    code = ProblemCode.NOT_OWNER
    advice = translated("Use a token of an owner.")
    sentence = translated(
        "The token's user does not own {name} or can't manage its runners. Use a token of an owner. GitHub's answer: "
        "“{said}”."
    )
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class NotForgeAdmin(TeamProblem):
    code = ProblemCode.NOT_FORGE_ADMIN
    advice = translated("Use a token of an administrator.")
    login: str = ""

    def __str__(self) -> str:
        text = gettext(
            "The token's user is not an administrator of this Woodpecker, and only administrators see its queue."
        )
        if self.login:
            text = gettext(
                "The token's user {login} is not an administrator of this Woodpecker, and only administrators see its "
                "queue. Add {login} to WOODPECKER_ADMIN, or use a token of an administrator."
            )
        return text.format(login=self.login)


@dataclass(frozen=True, slots=True)
class NotVisible(TeamProblem):
    code = ProblemCode.NOT_VISIBLE
    advice = translated("Check the spelling of the name and which user the token belongs to.")
    sentence = translated("The token's user can't find the {noun} {name} at {url}. Check the spelling.")
    noun: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ActionsOff(ForgeProblem):
    code = ProblemCode.ACTIONS_OFF
    advice = translated("Ask an administrator of the forge to enable Actions.")
    sentence = translated("Actions are disabled at {url}. Its administrator can enable them.")
    url: str


@dataclass(frozen=True, slots=True)
class ActionsOffHere(TeamProblem):
    code = ProblemCode.ACTIONS_OFF_HERE
    advice = translated("Enable Actions in its settings.")
    sentence = translated(
        "Actions are disabled in {name}. Enable them there under Settings, Repository, Units, Actions."
    )
    name: str


class AgentsOff(ForgeProblem):
    code = ProblemCode.AGENTS_OFF
    advice = translated(
        "Connect the whole instance, or ask its administrator to allow agents of organizations."
    )
    sentence = translated(
        "This Woodpecker does not allow agents of organizations (WOODPECKER_DISABLE_USER_AGENT_REGISTRATION). "
        "Connect the whole instance, or ask its administrator to allow them."
    )


@dataclass(frozen=True, slots=True)
class RunnerGroupMissing(TeamProblem):
    code = ProblemCode.RUNNER_GROUP_MISSING
    advice = translated("Create the group at GitHub, or choose another.")
    sentence = translated(
        "{name} has no runner group “{group}” at {url}. Create it there, or choose another."
    )
    name: str
    group: str
    url: str


@dataclass(frozen=True, slots=True)
class ForgeMessage(ForgeProblem):
    """`said`: the forge's own sentence, or ours of what it did."""

    sentence: ClassVar[str] = "{said}"
    said: str


class ForgeRefusal(ForgeMessage):
    code = ProblemCode.FORGE_REFUSED


class ForgeLimited(ForgeMessage):
    """It takes no calls for a while."""

    code = ProblemCode.FORGE_LIMITED


class NoForgeAnswer(ForgeMessage):
    """Or a broken one."""

    code = ProblemCode.FORGE_NO_ANSWER


class GoneAtForge(ForgeMessage):
    code = ProblemCode.GONE_AT_FORGE


class ScaleSetTaken(ForgeMessage):
    """Only one may listen to it, and that is somebody else."""

    code = ProblemCode.SCALE_SET_TAKEN


@dataclass(frozen=True, slots=True)
class WebhookFailed(ForgeProblem):
    """Polling is the truth, a webhook only a hint: jobs are found all the same."""

    code = ProblemCode.WEBHOOK_FAILED
    advice = translated("Fix what the forge reports, or choose polling only.")
    sentence = translated("Farmhand could not create the webhook, so jobs are found by polling: {said}")
    said: str


@dataclass(frozen=True, slots=True)
class LeftAtForge(TeamProblem):
    code = ProblemCode.LEFT_AT_FORGE
    advice = translated("Remove them at the forge.")
    sentence = translated("Disconnected, but its webhook or signpost may still exist at the forge: {said}")
    said: str


@dataclass(frozen=True, slots=True)
class ScaleSetLeft(TeamProblem):
    code = ProblemCode.SCALE_SET_LEFT
    advice = translated("Remove it at GitHub.")
    sentence = translated("The scale set {name} may still exist at the forge: {said}")
    name: str
    said: str


def stored(reason: Reason) -> dict[str, Any]:
    """As one of several in a JSON column."""
    return {"code": str(reason.code), "params": reason.params}


def read(code: str, params: Mapping[str, Any] | None) -> Reason:
    """As it was stored. A code of a later version, which may run beside this one, is its own sentence."""
    known = {Other.code: Other} | ForgeReason.known | ForgeProblem.known
    reason = known.get(code)
    return reason.read(params) if reason else Other(code)
