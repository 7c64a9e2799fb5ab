"""What a client of a forge is made for: a place there, and the credential for it."""

from dataclasses import dataclass

from tfci.core.http_client import Policy
from tfci.core.secret import Secret


@dataclass(frozen=True, slots=True)
class ForgeTarget:
    """`name`: of an organization, a user or a repository ("owner/name"), as `level` says. `engine`: what VMs start for
    its jobs. `runner_url`: what they call if not `url`. `timeout`: seconds a call."""

    url: str
    name: str
    token: Secret
    policy: Policy
    level: str = "org"
    engine: str = ""
    runner_url: str = ""
    timeout: float = 10.0
