import os
import signal
import subprocess
import sys

import pytest

from tests.images.manager import FakeManager
from tests.images.programs import IMAGES


@pytest.fixture
def manager():
    manager = FakeManager()
    yield manager
    manager.down()


class Machine:
    """An agent with its engines' folder. `engine(script)` puts a program there that stands for act_runner."""

    def __init__(self, folder, manager):
        self.engines, self.work = folder / "engines", folder / "work"
        self.engines.mkdir()
        self.work.mkdir()
        self.manager = manager
        self.environment = {
            "FARMHAND_AGENT_URL": manager.address,
            "FARMHAND_VM": "7",
            "FARMHAND_TOKEN": "bootstrap-token",
            "FARMHAND_ENGINES": str(self.engines),
            "FARMHAND_WORK": str(self.work),
            "FARMHAND_JOB_DOCKER_HOST": "unix:///run/docker.sock",
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "SECRET_OF_THE_HOST": "not for jobs",
        }

    def start(self, script="exec"):
        """Start the agent by the end of a shell script, as an image would."""
        self.process = subprocess.Popen(
            ["bash", "-c", f"{script} {sys.executable} {IMAGES / 'agent'}"],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def engine(self, script, name="act_runner"):
        path = self.engines / name
        asked = '[ "$1" = --version ] && echo act_runner version v0.2.13 && exit'
        path.write_text(f"#!/bin/bash\n{asked}\n{script}\n")
        path.chmod(0o755)

    def order(self, **changes):
        order = {
            "id": 12,
            "engine": "gitea",
            "files": {".runner": '{"token": "one-job-token"}'},
            "environment": {"COLOUR": "green"},
            "labels": ["small"],
            "time_limit_s": 60,
            "grace_s": 1,
        }
        self.manager.give({**order, **changes})

    def ended(self, seconds=10):
        """(exit code, all that it printed)"""
        _, printed = self.process.communicate(timeout=seconds)
        return self.process.returncode, printed


@pytest.fixture
def machine(tmp_path, manager):
    machine = Machine(tmp_path, manager)
    yield machine
    if machine.process.poll() is None:
        machine.process.send_signal(signal.SIGTERM)
        machine.process.communicate(timeout=20)
    machine.process.stderr.close()
