"""What the manager hears, and what it may answer."""

import pytest

from farmhand_agent import reports


@pytest.mark.parametrize("answer, seconds", [(2, 2), (0, 1), (9e9, 300), (None, 10), ("soon", 10)])
def test_the_interval_is_obeyed_within_reason(answer, seconds):
    assert reports.within(answer, 1, 300, 10) == seconds


def test_the_end_of_the_images_boot_log_is_told(tmp_path, monkeypatch):
    log = tmp_path / "boot.log"
    log.write_text("x" * 9000 + "\n2.31 encrypted\n")
    monkeypatch.setenv("FARMHAND_BOOT_LOG", str(log))
    boot = reports.boot_log()["boot"]
    assert len(boot) == reports.BOOT_LIMIT and boot.endswith("2.31 encrypted\n")


def test_without_a_boot_log_nothing_is_told(monkeypatch):
    monkeypatch.delenv("FARMHAND_BOOT_LOG", raising=False)
    assert reports.boot_log() == {}
