"""What an audit entry may say that somebody did: a code, the right that it took, and its sentence. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    TEAM_CREATED = "team_created"
    TEAM_CHANGED = "team_changed"
    TEAM_DELETION_STARTED = "team_deletion_started"
    TEAM_DELETION_STOPPED = "team_deletion_stopped"
    TEAM_DELETED = "team_deleted"
    INVITATION_CREATED = "invitation_created"
    INVITATION_RENEWED = "invitation_renewed"
    INVITATION_REVOKED = "invitation_revoked"
    MEMBER_JOINED = "member_joined"
    MEMBER_ROLE_CHANGED = "member_role_changed"
    MEMBER_LEFT = "member_left"
    MEMBER_REMOVED = "member_removed"
    TOKEN_CREATED = "token_created"  # noqa: S105 - no secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - no secret
    CONNECTION_CREATED = "connection_created"
    CONNECTION_CHANGED = "connection_changed"
    CONNECTION_TOKEN_RENEWED = "connection_token_renewed"  # noqa: S105 - no secret
    CONNECTION_ENDED = "connection_ended"
    CONNECTION_APP_UNINSTALLED = "connection_app_uninstalled"
    TEST_JOB_SENT = "test_job_sent"
    WORKFLOWS_MOVED = "workflows_moved"
    POOL_CREATED = "pool_created"
    POOL_CHANGED = "pool_changed"
    POOL_MOVED = "pool_moved"
    POOL_DELETED = "pool_deleted"
    SEARCH_SAVED = "search_saved"
    SEARCH_CHANGED = "search_changed"
    SEARCH_DELETED = "search_deleted"
    DRAIN_STARTED = "drain_started"
    DRAIN_ENDED = "drain_ended"
    SERVER_CREATED = "server_created"
    SERVER_DELETED = "server_deleted"
    SERVER_SECRETS_READ = "server_secrets_read"
    VM_RETIRED = "vm_retired"
    DEBUG_OPENED = "debug_opened"
    DEBUG_CLOSED = "debug_closed"
    JOB_RERUN = "job_rerun"
    JOB_RERUN_AUTOMATICALLY = "job_rerun_automatically"
    JOB_CANCELED = "job_canceled"
    TFT_REQUESTED = "tft_requested"
    TFT_ADDED = "tft_added"
    TFT_REQUEST_DECLINED = "tft_request_declined"
    LIMITS_CHANGED = "limits_changed"
    OPERATOR_CHANGED = "operator_changed"
    APP_CREATED = "app_created"
    APP_AUTHORITY_CHANGED = "app_authority_changed"
    ACCOUNT_ADDED = "account_added"


@dataclass(frozen=True, slots=True)
class Text:
    """`verb`: of access.py, or the operator's own. `sentence`: what follows the name of who did it."""

    verb: str
    sentence: str


TEXTS: Mapping[str, Text] = {
    Action.TEAM_CREATED: Text("team.found", "created the team {on}"),
    Action.TEAM_CHANGED: Text("team.change", "changed the team {on}"),
    Action.TEAM_DELETION_STARTED: Text("team.close", "started deleting the team {on}"),
    Action.TEAM_DELETION_STOPPED: Text("team.close", "canceled the deletion of the team {on}"),
    Action.TEAM_DELETED: Text("team.close", "deleted the team {on}"),
    Action.INVITATION_CREATED: Text("members.invite", "created an {on}"),
    Action.INVITATION_RENEWED: Text("members.invite", "renewed the {on}"),
    Action.INVITATION_REVOKED: Text("members.invite", "revoked the {on}"),
    Action.MEMBER_JOINED: Text("members.join", "joined the team"),
    Action.MEMBER_ROLE_CHANGED: Text("members.change", "changed the role of {on}"),
    Action.MEMBER_LEFT: Text("members.change", "left the team"),
    Action.MEMBER_REMOVED: Text("members.change", "removed {on}"),
    Action.TOKEN_CREATED: Text("tokens.make", "created the {on}"),
    Action.TOKEN_REVOKED: Text("tokens.revoke", "revoked the {on}"),
    Action.CONNECTION_CREATED: Text("connections.change", "connected {on}"),
    Action.CONNECTION_CHANGED: Text("connections.change", "changed the connection of {on}"),
    Action.CONNECTION_TOKEN_RENEWED: Text("connections.change", "replaced the token of {on}"),
    Action.CONNECTION_ENDED: Text("connections.change", "disconnected {on}"),
    Action.CONNECTION_APP_UNINSTALLED: Text(
        "connections.change", "disconnected {on} because its App was uninstalled there"
    ),
    Action.TEST_JOB_SENT: Text("connections.change", "sent a test job to {on}"),
    Action.WORKFLOWS_MOVED: Text("connections.change", "opened a pull request that moves workflows of {on}"),
    Action.POOL_CREATED: Text("pools.change", "created the pool {on}"),
    Action.POOL_CHANGED: Text("pools.change", "changed the pool {on}"),
    Action.POOL_MOVED: Text("pools.change", "moved the pool {on} in the order"),
    Action.POOL_DELETED: Text("pools.change", "deleted the pool {on}"),
    Action.SEARCH_SAVED: Text("nodes.keep", "saved the node search {on}"),
    Action.SEARCH_CHANGED: Text("nodes.keep", "changed the node search {on}"),
    Action.SEARCH_DELETED: Text("nodes.keep", "deleted the node search {on}"),
    Action.DRAIN_STARTED: Text("nodes.drain", "started draining {on}"),
    Action.DRAIN_ENDED: Text("nodes.drain", "stopped draining {on}"),
    Action.SERVER_CREATED: Text("servers.change", "deployed the server {on}"),
    Action.SERVER_DELETED: Text("servers.change", "deleted the server {on}"),
    Action.SERVER_SECRETS_READ: Text("servers.reveal", "viewed the secrets of the server {on}"),
    Action.VM_RETIRED: Text("vms.retire", "retired the VM {on}"),
    Action.DEBUG_OPENED: Text("vms.debug", "opened debug access to {on}"),
    Action.DEBUG_CLOSED: Text("vms.debug", "closed debug access to {on}"),
    Action.JOB_RERUN: Text("jobs.rerun", "retried {on}"),
    Action.JOB_RERUN_AUTOMATICALLY: Text("jobs.rerun", "retried {on} because its VM failed"),
    Action.JOB_CANCELED: Text("jobs.cancel", "canceled {on}"),
    Action.TFT_REQUESTED: Text("funds.ask", "asked the operator for TFT"),
    Action.TFT_ADDED: Text("operator.credit", "added TFT to the wallet of {on}"),
    Action.TFT_REQUEST_DECLINED: Text("operator.decline", "declined the TFT request of {on}"),
    Action.LIMITS_CHANGED: Text("operator.limits", "changed the limits of {on}"),
    Action.OPERATOR_CHANGED: Text("operator.people", "changed the operator role of {on}"),
    Action.APP_CREATED: Text("operator.app", "created the GitHub App {on}"),
    Action.APP_AUTHORITY_CHANGED: Text(
        "operator.app", "changed the trusted certificate authority of the GitHub App {on}"
    ),
    Action.ACCOUNT_ADDED: Text("operator.account", "added the chain {on}"),
}
