"""The kernel's counters."""

from types import SimpleNamespace

import pytest

from farmhand_agent import meter


def test_a_counter_is_found_among_its_like(tmp_path):
    (tmp_path / "vmstat").write_text("oom_kill_disable 5\noom_kill 3\nnr_free_pages 17\n")
    assert meter.counter(tmp_path / "vmstat", "oom_kill") == 3
    assert meter.counter(tmp_path / "missing", "oom_kill") == 0


@pytest.mark.parametrize(
    "line, counts",
    [
        ("  eth0: 1 0 0", True),
        ("enp1s0: 1 0 0", True),
        ("    lo: 1 0 0", False),
        ("docker0: 1 0 0", False),
        ("vethab12: 1 0 0", False),
        ("br-8fd0: 1 0 0", False),
        ("Inter-|   Receive", False),
    ],
)
def test_only_interfaces_that_lead_out_count(line, counts):
    assert meter.leads_out(line) is counts


def test_a_measurement_covers_the_time_since_the_last(tmp_path):
    gauge = meter.Meter(str(tmp_path))
    one, two = gauge.measure(), gauge.measure()
    assert two.at - two.span == one.at
    assert 0 <= two.cpu <= 1 and 0 <= two.steal <= 1
    assert 0 < two.memory < gauge.totals()["memory_total"]
    assert 0 < two.disk <= gauge.totals()["disk_total"]


def test_an_interface_that_went_makes_no_negative_traffic(tmp_path, monkeypatch):
    gauge = meter.Meter(str(tmp_path))
    gauge.traffic = (1 << 60, 1 << 60)
    sample = gauge.measure()
    assert (sample.received, sample.sent) == (0, 0)


@pytest.mark.parametrize("free, full", [(40 << 20, False), (16 << 20, True), (0, True)])
def test_a_disk_is_full_where_only_what_ext4_keeps_for_itself_is_left(tmp_path, monkeypatch, free, full):
    gauge = meter.Meter(str(tmp_path))
    blocks = SimpleNamespace(f_frsize=4096, f_bfree=free // 4096, f_bavail=free // 4096, f_blocks=1 << 20)
    monkeypatch.setattr(meter.os, "statvfs", lambda folder: blocks)
    assert gauge.was_full() is full


def test_one_that_was_full_for_a_moment_was_full(tmp_path, monkeypatch):
    gauge = meter.Meter(str(tmp_path))
    gauge.least_free = 0
    assert gauge.was_full()
    gauge.begin()
    assert not gauge.was_full()
