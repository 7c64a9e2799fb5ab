"""What people fill in and scripts send, checked in this one place for pages and API alike."""

from runners.forms.debug import DebugForm
from runners.forms.dry_run import DryRunForm
from runners.forms.jobs import JobFilterForm
from runners.forms.links import LinkForm, ReachForm, TokenForm, authority_field
from runners.forms.nodes import NodeFilterForm
from runners.forms.pools import PoolForm
from runners.forms.robot import RobotForm
from runners.forms.servers import GoneForm, ServerForm

__all__ = [
    "DebugForm",
    "DryRunForm",
    "GoneForm",
    "JobFilterForm",
    "LinkForm",
    "NodeFilterForm",
    "PoolForm",
    "ReachForm",
    "RobotForm",
    "ServerForm",
    "TokenForm",
    "authority_field",
]
