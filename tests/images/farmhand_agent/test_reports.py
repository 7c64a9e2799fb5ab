"""What the manager hears, and what it may answer."""

import pytest

from farmhand_agent import reports
from farmhand_agent.manager import Lost, Manager


@pytest.mark.parametrize("answer, seconds", [(2, 2), (0, 1), (9e9, 300), (None, 10), ("soon", 10)])
def test_the_interval_is_obeyed_within_reason(answer, seconds):
    assert reports.clamped(answer, 1, 300, 10) == seconds


def test_the_end_of_the_images_boot_log_is_told(tmp_path, monkeypatch):
    log = tmp_path / "boot.log"
    log.write_text("x" * 9000 + "\n2.31 encrypted\n")
    monkeypatch.setenv("FARMHAND_BOOT_LOG", str(log))
    boot = reports.boot_log()["boot"]
    assert len(boot) == reports.BOOT_LIMIT and boot.endswith("2.31 encrypted\n")


def test_without_a_boot_log_nothing_is_told(monkeypatch):
    monkeypatch.delenv("FARMHAND_BOOT_LOG", raising=False)
    assert reports.boot_log() == {}


def test_a_manager_that_was_away_for_long_is_told_at_the_end_and_a_hiccup_is_not():
    manager = Manager("http://127.0.0.1:9", 7)  # the discard port: nobody listens
    heard = reports.Reports(manager, None, None, None)
    for seconds, sentence in ((5, ""), (45, " For 45 s the manager could not be reached.")):
        manager.begin()
        manager.answered_at -= seconds
        with pytest.raises(Lost):
            manager.call("beat", {})
        assert heard.outage_note() == sentence


def test_a_sample_that_the_kernel_has_no_room_for_is_left_out():
    class Full:
        at = 0

        def measure(self):
            raise OSError(12, "Cannot allocate memory")

    heard = reports.Reports(Manager("http://127.0.0.1:9", 7), None, Full(), None)
    heard.measure()
    assert heard.samples.as_json(0) == []
