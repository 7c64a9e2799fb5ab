"""What people fill in and scripts send, checked in this one place for pages and API alike."""

from runners.web.forms.connections import ConnectionForm, ConnectionTokenForm, ReachForm, authority_field
from runners.web.forms.debug import DebugForm
from runners.web.forms.dry_run import DryRunForm
from runners.web.forms.jobs import JobFilterForm
from runners.web.forms.nodes import NodeFilterForm
from runners.web.forms.own_twin import OwnTwinForm
from runners.web.forms.pools import PoolForm
from runners.web.forms.servers import GoneForm, ServerForm
from runners.web.forms.team_deletion import TeamDeletionForm
from runners.web.forms.tfrobot import RobotForm
from runners.web.forms.withdrawals import WithdrawalForm

__all__ = [
    "DebugForm",
    "DryRunForm",
    "GoneForm",
    "JobFilterForm",
    "ConnectionForm",
    "NodeFilterForm",
    "OwnTwinForm",
    "PoolForm",
    "ReachForm",
    "RobotForm",
    "ServerForm",
    "ConnectionTokenForm",
    "TeamDeletionForm",
    "WithdrawalForm",
    "authority_field",
]
