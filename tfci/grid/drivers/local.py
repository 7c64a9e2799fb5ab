"""The local grid: real virtual machines on this computer, paid with play money.

Its program is the simulated grid's, with another kind of VM (`practice/grid`, `--vms`), so both speak alike.
"""

from tfci.grid.drivers import simulated

TITLE = "local grid"


class LocalAccount(simulated.SimulatedAccount):
    title = TITLE


class LocalCatalog(simulated.SimulatedCatalog):
    title = TITLE
