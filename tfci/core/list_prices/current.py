"""The list prices that this installation shows: minute_prices.toml, with what its operator changed and added."""

from pathlib import Path

from django.conf import settings

from tfci.core.list_prices import peers

OURS = Path(__file__).parent / "minute_prices.toml"

PEERS = peers.merged(
    peers.read(OURS.read_text()),
    peers.read(Path(settings.MINUTE_PRICES).read_text()) if settings.MINUTE_PRICES else (),
)
GITHUB, UBICLOUD, BLACKSMITH, DEPOT = (
    next(peer for peer in PEERS if peer.name == name)
    for name in ("GitHub", "Ubicloud", "Blacksmith", "Depot")
)
