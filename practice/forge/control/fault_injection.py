"""Fault injection, for tests: switch faults on, count them, switch them off."""

from collections import Counter
from dataclasses import dataclass

from practice.forge import settings
from practice.forge.web import Answer, Handler, Request, as_json


@dataclass(frozen=True, slots=True)
class FaultInjection:
    """`injected` counts the faults of the server."""

    injected: Counter[str]

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/faults", self.show),
            ("PATCH", "/faults", self.change),
            ("DELETE", "/faults", self.reset),
        ]

    def show(self, request: Request) -> Answer:
        configured = settings.read(request.store, settings.FAULTS)
        return as_json({**configured, "counters": self._counters(request)})

    def change(self, request: Request) -> Answer:
        """Any of settings.FAULTS, and `down_for` seconds from now."""
        changes = request.json()
        if isinstance(changes.get("down_for"), (int, float)):
            changes["down_until"] = request.now + changes.pop("down_for")
        settings.change(request.store, settings.FAULTS, changes)
        return self.show(request)

    def reset(self, request: Request) -> Answer:
        settings.reset(request.store, settings.FAULTS)
        self.injected.clear()
        return self.show(request)

    def _counters(self, request: Request) -> dict[str, int]:
        rows = request.store.all("SELECT state, COUNT(*) AS n FROM delivery GROUP BY state")
        return {**{f"deliveries_{row['state']}": row["n"] for row in rows}, **self.injected}
