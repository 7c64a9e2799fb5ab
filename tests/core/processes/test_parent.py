import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PARENT = """
import multiprocessing, time
from tfci.core.processes.parent import end_with_parent

def child():
    end_with_parent()
    print(multiprocessing.current_process().pid, flush=True)
    time.sleep(60)

if __name__ == "__main__":
    end_with_parent()  # nobody that multiprocessing knows of: it stays
    multiprocessing.get_context("spawn").Process(target=child).start()
    time.sleep(60)
"""


def test_a_child_ends_with_a_parent_that_was_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        child = Path("/proc", parent.stdout.readline().strip())
        assert child.exists()
        assert parent.poll() is None
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while child.exists() and "Z" not in _state(child):
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.05)


def _state(process):
    try:
        return (process / "stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "Z"
