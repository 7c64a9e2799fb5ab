"""Users, teams and their rights, as rows."""

from tfci.accounts.models.audit import AuditEntry
from tfci.accounts.models.invitation import Invitation
from tfci.accounts.models.ssh_key import SSHKey
from tfci.accounts.models.team import Membership, Role, Team
from tfci.accounts.models.token import Scope, Token
from tfci.accounts.models.user import User

__all__ = ["AuditEntry", "Invitation", "Membership", "Role", "SSHKey", "Scope", "Team", "Token", "User"]
