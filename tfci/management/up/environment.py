"""What the processes are told: the person's own variables, and what follows from the home."""

from collections.abc import Mapping

from tfci.management.up import grid, postgres, valkey
from tfci.management.up.home import Home
from tfci.management.up.ports import LOOPBACK, named
from tfci.management.up.processes import REMAP_SIGTERM


def environment(home: Home, own: Mapping[str, str], kind: str) -> dict[str, str]:
    """For every process of an installation with that kind of grid. Of what the person set, all is kept that does not
    follow from the home."""
    listen, port = own.get("FARMHAND_LISTEN", LOOPBACK), own.get("FARMHAND_PORT", "8400")
    secrets, ports, sockets = home.secrets(), home.ports(), home.sockets
    return {
        "FARMHAND_URL": f"http://{named(listen)}:{port}",
        "FARMHAND_AGENT_URL": grid.agent_url(kind, listen, port),
        "FARMHAND_HOST_FOR_VMS": grid.host_for_vms(kind),
        **own,
        "FARMHAND_LISTEN": listen,
        "FARMHAND_PORT": port,
        "FARMHAND_HOME": str(home.folder),
        "FARMHAND_SITE": f"http://:{port}",
        "SECRET_KEY": secrets["secret_key"],
        "FARMHAND_KEYS": secrets["keys"],
        "DATABASE_URL": postgres.url(sockets),
        "FARMHAND_VALKEY": valkey.url(sockets / "valkey"),
        "FARMHAND_GRID": kind,
        "FARMHAND_GRID_URL": f"http://{LOOPBACK}:{ports['grid']}",
        "FARMHAND_GRID_TOKEN": secrets["grid_token"],
        "FARMHAND_PRACTICE_FORGE": f"http://{LOOPBACK}:{ports['forge']}",
        "GRANIAN_UDS": str(sockets / "web"),
        "UVICORN_UDS": str(sockets / "agents"),
        "FARMHAND_WEB": f"unix/{sockets / 'web'}",
        "FARMHAND_AGENTS": f"unix/{sockets / 'agents'}",
        "XDG_DATA_HOME": str(home.folder / "caddy"),
        "XDG_CONFIG_HOME": str(home.folder / "caddy"),
        "REMAP_SIGTERM": REMAP_SIGTERM,
    }
