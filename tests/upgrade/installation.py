"""The old installation while it is filled: its models as its migrations had them, and the rows that others stand on."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIZE = {"cpu": 2, "memory_gb": 8, "disk_gb": 50}
TFT = 10_000_000


@dataclass
class Installation:
    """`models`: an app registry. `made` are the rows that are named again, by their names."""

    models: object
    made: dict = field(default_factory=dict)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def add(self, label, /, **columns):
        """One row."""
        return self.models.get_model(label).objects.create(**columns)

    def name(self, name, label, /, **columns):
        """One row that is used again under that name."""
        self.made[name] = self.add(label, **columns)
        return self.made[name]

    def __getitem__(self, name):
        return self.made[name]

    @property
    def next(self):
        """A number that nothing else has."""
        return next(self.numbers)

    def minutes_ago(self, minutes):
        return NOON - minutes * MINUTE
