"""Samples of the load: those that the manager has not accepted yet, and the totals of an order."""

from farmhand_agent.meter import Sample

MAX_SAMPLES = 12  # in one heartbeat, which has to stay below 1 kB


class Samples:
    """Samples to send. While the manager is away neighbors are merged: coarser with time, never over MAX_SAMPLES."""

    def __init__(self):
        self.kept = []

    def add(self, sample):
        self.kept.append(sample)
        if len(self.kept) > MAX_SAMPLES:
            pairs = zip(self.kept[::2], self.kept[1::2], strict=False)
            self.kept = [merged(*pair) for pair in pairs] + self.kept[len(self.kept) // 2 * 2 :]

    def as_json(self, now):
        """As the protocol has them: how long ago, shares, MiB, and KiB a second."""
        return [
            [
                round(now - sample.at, 1),
                round(sample.cpu, 3),
                round(sample.steal, 3),
                sample.memory,
                sample.disk,
                rate(sample.received, sample.span),
                rate(sample.sent, sample.span),
            ]
            for sample in self.kept
        ]

    def clear(self):
        """The manager has accepted them."""
        self.kept = []


class Used:
    """What an order used of the machine: peaks, the mean of the processors, bytes."""

    def __init__(self):
        self.whole = None
        self.cpu_peak = 0

    def add(self, sample):
        self.whole = merged(self.whole, sample) if self.whole else sample
        self.cpu_peak = max(self.cpu_peak, sample.cpu)

    def as_json(self):
        """Nothing where nothing was measured."""
        if not self.whole:
            return {}
        return {
            "cpu_mean": round(self.whole.cpu, 3),
            "cpu_peak": round(self.cpu_peak, 3),
            "memory_peak": self.whole.memory,
            "disk_peak": self.whole.disk,
            "received": self.whole.received,
            "sent": self.whole.sent,
        }


def merged(one, other):
    """Two that follow each other as one: shares by their time, the larger of what was in use."""
    span = one.span + other.span
    part = other.span / span if span else 1
    return Sample(
        other.at,
        span,
        one.cpu + part * (other.cpu - one.cpu),
        one.steal + part * (other.steal - one.steal),
        max(one.memory, other.memory),
        max(one.disk, other.disk),
        one.received + other.received,
        one.sent + other.sent,
    )


def rate(count, seconds):
    return round(count / 1024 / seconds) if seconds else 0
