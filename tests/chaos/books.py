"""The grid's journal and the product's ledger, side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping

from billing import pricing
from tfci.core.tft import Tft


def most_at_once(journal: Iterable[dict]) -> int:
    """How many VMs stood at the same time, at most."""
    standing, most = set(), 0
    for event in journal:
        if event["event"] == "deployed":
            standing.add(event["contract_id"])
        elif event["event"] == "ended":
            standing.discard(event["contract_id"])
        most = max(most, len(standing))
    return most


def never_ended(journal: Iterable[dict]) -> list[str]:
    """The VMs whose contract still stands."""
    standing = {}
    for event in journal:
        if event["event"] == "deployed":
            standing[event["contract_id"]] = event["name"]
        elif event["event"] == "ended":
            standing.pop(event["contract_id"])
    return list(standing.values())


def seconds(journal: Iterable[dict]) -> Counter[int]:
    """How long each VM stood, by its number in the product."""
    began, stood = {}, Counter()
    for event in journal:
        if event["event"] == "deployed":
            began[event["contract_id"]] = event["at"]
        elif event["event"] == "ended":
            stood[int(event["name"].rpartition("_")[2])] += event["at"] - began[event["contract_id"]]
    return stood


def costs(stood: Mapping[int, int], per_hour: Mapping[int, int]) -> dict[int, int]:
    """What that time costs under each VM's quote, in 1e-7 TFT."""
    return {number: int(pricing.cost(Tft(per_hour[number]), 1000 * stood[number])) for number in stood}
