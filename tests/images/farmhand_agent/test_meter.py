"""The kernel's counters."""

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
    assert gauge.measure()[-2:] == (0, 0)
