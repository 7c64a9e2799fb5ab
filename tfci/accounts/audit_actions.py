"""What an audit entry may say that somebody did: a code, the right that it took, and its sentence. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tfci.core.translation import gettext_noop


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
    WITHDRAWAL_ASKED = "withdrawal_asked"
    WITHDRAWAL_CONFIRMED = "withdrawal_confirmed"
    WITHDRAWAL_STOPPED = "withdrawal_stopped"
    WITHDRAWAL_PAID = "withdrawal_paid"
    WITHDRAWAL_FAILED = "withdrawal_failed"
    WITHDRAWAL_RETURNED = "withdrawal_returned"
    WITHDRAWALS_RELEASED = "withdrawals_released"
    OWN_TWIN_ENTERED = "own_twin_entered"
    OWN_TWIN_USED = "own_twin_used"
    OWN_TWIN_PAUSED = "own_twin_paused"
    OWN_TWIN_REMOVED = "own_twin_removed"
    LIMITS_CHANGED = "limits_changed"
    SPENDING_LIMIT_CREATED = "spending_limit_created"
    SPENDING_LIMIT_CHANGED = "spending_limit_changed"
    SPENDING_LIMIT_DELETED = "spending_limit_deleted"
    OPERATOR_CHANGED = "operator_changed"
    APP_CREATED = "app_created"
    APP_AUTHORITY_CHANGED = "app_authority_changed"
    ACCOUNT_ADDED = "account_added"
    CASHIER_SET = "cashier_set"
    CASHIER_WORDS_STORED = "cashier_words_stored"
    CASHIER_REPLACED = "cashier_replaced"


@dataclass(frozen=True, slots=True)
class Text:
    """`verb`: of access.py, or the operator's own. `sentence`: follows the actor's name."""

    verb: str
    sentence: str


TEXTS: Mapping[str, Text] = {
    Action.TEAM_CREATED: Text("team.found", gettext_noop("created the team {on}")),
    Action.TEAM_CHANGED: Text("team.change", gettext_noop("changed the team {on}")),
    Action.TEAM_DELETION_STARTED: Text("team.close", gettext_noop("started deleting the team {on}")),
    Action.TEAM_DELETION_STOPPED: Text("team.close", gettext_noop("canceled the deletion of the team {on}")),
    Action.TEAM_DELETED: Text("team.close", gettext_noop("deleted the team {on}")),
    Action.INVITATION_CREATED: Text("members.invite", gettext_noop("created an {on}")),
    Action.INVITATION_RENEWED: Text("members.invite", gettext_noop("renewed the {on}")),
    Action.INVITATION_REVOKED: Text("members.invite", gettext_noop("revoked the {on}")),
    Action.MEMBER_JOINED: Text("members.join", gettext_noop("joined the team")),
    Action.MEMBER_ROLE_CHANGED: Text("members.change", gettext_noop("changed the role of {on}")),
    Action.MEMBER_LEFT: Text("members.change", gettext_noop("left the team")),
    Action.MEMBER_REMOVED: Text("members.change", gettext_noop("removed {on}")),
    Action.TOKEN_CREATED: Text("tokens.make", gettext_noop("created the {on}")),
    Action.TOKEN_REVOKED: Text("tokens.revoke", gettext_noop("revoked the {on}")),
    Action.CONNECTION_CREATED: Text("connections.change", gettext_noop("connected {on}")),
    Action.CONNECTION_CHANGED: Text("connections.change", gettext_noop("changed the connection of {on}")),
    Action.CONNECTION_TOKEN_RENEWED: Text("connections.change", gettext_noop("replaced the token of {on}")),
    Action.CONNECTION_ENDED: Text("connections.change", gettext_noop("disconnected {on}")),
    Action.CONNECTION_APP_UNINSTALLED: Text(
        "connections.change", gettext_noop("disconnected {on} because its App was uninstalled there")
    ),
    Action.TEST_JOB_SENT: Text("connections.change", gettext_noop("sent a test job to {on}")),
    Action.WORKFLOWS_MOVED: Text(
        "connections.change", gettext_noop("opened a pull request that moves workflows of {on}")
    ),
    Action.POOL_CREATED: Text("pools.change", gettext_noop("created the pool {on}")),
    Action.POOL_CHANGED: Text("pools.change", gettext_noop("changed the pool {on}")),
    Action.POOL_MOVED: Text("pools.change", gettext_noop("moved the pool {on} in the order")),
    Action.POOL_DELETED: Text("pools.change", gettext_noop("deleted the pool {on}")),
    Action.SEARCH_SAVED: Text("nodes.keep", gettext_noop("saved the node search {on}")),
    Action.SEARCH_CHANGED: Text("nodes.keep", gettext_noop("changed the node search {on}")),
    Action.SEARCH_DELETED: Text("nodes.keep", gettext_noop("deleted the node search {on}")),
    Action.DRAIN_STARTED: Text("nodes.drain", gettext_noop("started draining {on}")),
    Action.DRAIN_ENDED: Text("nodes.drain", gettext_noop("stopped draining {on}")),
    Action.SERVER_CREATED: Text("servers.change", gettext_noop("deployed the server {on}")),
    Action.SERVER_DELETED: Text("servers.change", gettext_noop("deleted the server {on}")),
    Action.SERVER_SECRETS_READ: Text("servers.reveal", gettext_noop("viewed the secrets of the server {on}")),
    Action.VM_RETIRED: Text("vms.retire", gettext_noop("retired the VM {on}")),
    Action.DEBUG_OPENED: Text("vms.debug", gettext_noop("opened debug access to {on}")),
    Action.DEBUG_CLOSED: Text("vms.debug", gettext_noop("closed debug access to {on}")),
    Action.JOB_RERUN: Text("jobs.rerun", gettext_noop("retried {on}")),
    Action.JOB_RERUN_AUTOMATICALLY: Text("jobs.rerun", gettext_noop("retried {on} because its VM failed")),
    Action.JOB_CANCELED: Text("jobs.cancel", gettext_noop("canceled {on}")),
    Action.TFT_REQUESTED: Text("funds.ask", gettext_noop("asked the operator for TFT")),
    Action.TFT_ADDED: Text("operator.credit", gettext_noop("added TFT to the wallet of {on}")),
    Action.TFT_REQUEST_DECLINED: Text("operator.decline", gettext_noop("declined the TFT request of {on}")),
    Action.WITHDRAWAL_ASKED: Text("funds.withdraw", gettext_noop("requested the {on}")),
    Action.WITHDRAWAL_CONFIRMED: Text("funds.withdraw", gettext_noop("confirmed the {on}")),
    Action.WITHDRAWAL_STOPPED: Text("funds.withdraw", gettext_noop("stopped the {on}")),
    Action.WITHDRAWAL_PAID: Text("funds.withdraw", gettext_noop("paid the {on}")),
    Action.WITHDRAWAL_FAILED: Text("funds.withdraw", gettext_noop("could not pay the {on}")),
    Action.WITHDRAWAL_RETURNED: Text("funds.withdraw", gettext_noop("took back the {on}")),
    Action.WITHDRAWALS_RELEASED: Text(
        "operator.withdrawals", gettext_noop("released the withdrawals of the {on}")
    ),
    Action.OWN_TWIN_ENTERED: Text("funds.twin", gettext_noop("entered the words of the team’s own {on}")),
    Action.OWN_TWIN_USED: Text("funds.twin", gettext_noop("let new VMs run on the team’s own {on}")),
    Action.OWN_TWIN_PAUSED: Text("funds.twin", gettext_noop("stopped using the team’s own {on} for new VMs")),
    Action.OWN_TWIN_REMOVED: Text("funds.twin", gettext_noop("removed the words of the team’s own {on}")),
    Action.LIMITS_CHANGED: Text("operator.limits", gettext_noop("changed the limits of {on}")),
    Action.SPENDING_LIMIT_CREATED: Text("limits.change", gettext_noop("created the spending limit {on}")),
    Action.SPENDING_LIMIT_CHANGED: Text("limits.change", gettext_noop("changed the spending limit {on}")),
    Action.SPENDING_LIMIT_DELETED: Text("limits.change", gettext_noop("deleted the spending limit {on}")),
    Action.OPERATOR_CHANGED: Text("operator.people", gettext_noop("changed the operator role of {on}")),
    Action.APP_CREATED: Text("operator.app", gettext_noop("created the GitHub App {on}")),
    Action.APP_AUTHORITY_CHANGED: Text(
        "operator.app", gettext_noop("changed the trusted certificate authority of the GitHub App {on}")
    ),
    Action.ACCOUNT_ADDED: Text("operator.account", gettext_noop("added the chain {on}")),
    Action.CASHIER_SET: Text("operator.account", gettext_noop("made the chain account {on} the cashier")),
    Action.CASHIER_WORDS_STORED: Text(
        "operator.account", gettext_noop("stored the mnemonic of the cashier {on} again")
    ),
    Action.CASHIER_REPLACED: Text("operator.account", gettext_noop("replaced the cashier with {on}")),
}
