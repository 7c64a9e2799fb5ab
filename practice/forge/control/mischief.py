"""The practice-only control of faults: make them, see how many there were, end them."""

from collections import Counter
from dataclasses import dataclass

from practice.forge import settings
from practice.forge.web import Answer, Handler, Request, as_json


@dataclass(frozen=True, slots=True)
class Mischief:
    """`made` counts the faults of the server."""

    made: Counter[str]

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/mischief", self.show),
            ("PATCH", "/mischief", self.change),
            ("DELETE", "/mischief", self.reset),
        ]

    def show(self, request: Request) -> Answer:
        set_to = settings.read(request.store, settings.MISCHIEF)
        return as_json({**set_to, "counters": self._counters(request)})

    def change(self, request: Request) -> Answer:
        """Any of settings.MISCHIEF, and `down_for` seconds from now."""
        changes = request.json()
        if isinstance(changes.get("down_for"), (int, float)):
            changes["down_until"] = request.now + changes.pop("down_for")
        settings.change(request.store, settings.MISCHIEF, changes)
        return self.show(request)

    def reset(self, request: Request) -> Answer:
        settings.reset(request.store, settings.MISCHIEF)
        self.made.clear()
        return self.show(request)

    def _counters(self, request: Request) -> dict[str, int]:
        rows = request.store.all("SELECT state, COUNT(*) AS n FROM delivery GROUP BY state")
        return {**{f"deliveries_{row['state']}": row["n"] for row in rows}, **self.made}
