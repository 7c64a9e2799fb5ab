"""Samples that wait to be heard, and what an order used in all."""

import json

import pytest

from farmhand_agent.meter import Sample
from farmhand_agent.samples import MAX_SAMPLES, Samples, Used


def a_sample(at, span=1.0, **changes):
    usual = {"cpu": 0.5, "steal": 0.0, "memory": 512, "disk": 2048, "received": 1024, "sent": 0}
    return Sample(at, span, **{**usual, **changes})


def test_they_are_told_with_their_age_and_as_rates():
    samples = Samples()
    samples.add(a_sample(100, 2, received=8 * 1024))
    samples.add(a_sample(101, sent=3 * 1024))
    assert samples.as_json(103.26) == [
        [3.3, 0.5, 0.0, 512, 2048, 4, 0],
        [2.3, 0.5, 0.0, 512, 2048, 1, 3],
    ]


def test_what_was_heard_is_not_told_again():
    samples = Samples()
    samples.add(a_sample(1))
    samples.clear()
    assert samples.as_json(2) == []


@pytest.mark.parametrize("count", [MAX_SAMPLES + 1, 500])
def test_while_nobody_listens_they_become_coarser_and_never_too_many(count):
    samples = Samples()
    for n in range(count):
        samples.add(a_sample(n, received=1024))
    told = samples.as_json(count)
    assert len(told) <= MAX_SAMPLES
    assert sum(sample.span for sample in samples.kept) == count
    assert sum(sample.received for sample in samples.kept) == count * 1024
    assert [row[0] for row in told] == sorted((row[0] for row in told), reverse=True)


def test_a_heartbeat_full_of_large_numbers_stays_below_a_kilobyte():
    samples = Samples()
    for n in range(MAX_SAMPLES):
        samples.add(
            a_sample(
                n, cpu=0.9999, steal=0.1234, memory=1 << 20, disk=9 << 20, received=9 << 30, sent=9 << 30
            )
        )
    totals = {"memory_total": 1 << 20, "disk_total": 9 << 20, "load": 1234.56, "oom_kills": 12345}
    beat = {**totals, "phase": "standby", "samples": samples.as_json(99_999), "tail": ""}
    assert len(json.dumps(beat, separators=(",", ":"))) <= 1000


def test_one_of_two_neighbours_counts_by_its_time_and_keeps_the_larger_of_what_was_in_use():
    samples = Samples()
    samples.add(a_sample(1, 1, cpu=1.0, memory=900))
    samples.add(a_sample(4, 3, cpu=0.2, memory=100))
    for n in range(MAX_SAMPLES - 1):
        samples.add(a_sample(5 + n))
    first = samples.kept[0]
    assert (first.at, first.span, first.memory) == (4, 4, 900)
    assert first.cpu == pytest.approx(0.4)


def test_an_order_is_told_with_its_peaks_its_mean_and_its_bytes():
    used = Used()
    assert used.as_json() == {}
    used.add(a_sample(1, 1, cpu=0.9, memory=100, disk=30, received=5, sent=1))
    used.add(a_sample(4, 3, cpu=0.1, memory=700, disk=20, received=6, sent=1))
    assert used.as_json() == {
        "cpu_mean": 0.3,
        "cpu_peak": 0.9,
        "memory_peak": 700,
        "disk_peak": 30,
        "received": 11,
        "sent": 2,
    }
