"""The whole product on the local grid: jobs of the practice forge in virtual machines."""

import textwrap
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.product import REPO, Product
from tfci.management.up.waiting import until

SIZE = "1cpu1gbram4gbssd"
PATIENCE = 400  # seconds for a job, with its boot by emulation on a busy host
WORKFLOW = """\
on:
  push:
    paths: [".gitea/workflows/{name}.yml"]
jobs:
  {name}:
    runs-on: {size}
    steps:
      - run: |
{script}
"""
ENDED = "SELECT state, conclusion FROM runners_job WHERE name = %s AND state = 'completed'"
MACHINE = """
    SELECT vm.id, vm.state FROM runners_vm vm JOIN runners_runner runner ON runner.vm_id = vm.id
        JOIN runners_job job ON runner.asked_for_id = job.id WHERE job.name = %s ORDER BY vm.id DESC LIMIT 1
"""


@dataclass
class Ran:
    """How a job ended, and all that its steps printed."""

    conclusion: str
    log: str


class Local(Product):
    """Its machines are virtual."""

    GRID = "local"

    def run(self, name: str, script: str, seconds: float = PATIENCE) -> Ran:
        """A job of one step on a machine of its own."""
        self.begin(name, script)
        return self.ended(name, seconds)

    def begin(self, name: str, script: str) -> None:
        indented = textwrap.indent(textwrap.dedent(script).strip(), " " * 10)
        self.push(name, WORKFLOW.format(name=name, size=SIZE, script=indented))

    def ended(self, name: str, seconds: float = PATIENCE) -> Ran:
        until(lambda: self.sql(ENDED, name), seconds, f"the end of {name}")
        [(_, conclusion)] = self.sql(ENDED, name)
        return Ran(conclusion, self._log(name))

    def machine(self, name: str, seconds: float = PATIENCE) -> Path:
        """The folder of the machine that the job was given, as soon as there is one."""
        until(lambda: self.sql(MACHINE, name), seconds, f"a machine for {name}")
        [(vm, _)] = self.sql(MACHINE, name)
        [folder] = (self.grid_home / "machines").glob(f"*_{vm}-*[0-9]")
        return folder

    def gone(self, name: str, seconds: float = 60) -> list[str]:
        """Once its machine is no more: what is left of it on this host."""
        until(lambda: self.sql(MACHINE, name)[0][1] == "gone", seconds, f"the end of {name}'s machine")
        [(vm, _)] = self.sql(MACHINE, name)
        return [left for left in self.machines() if f"_{vm}-" in left]

    def _log(self, name: str) -> str:
        [(number,)] = self.sql("SELECT forge_job_id FROM runners_job WHERE name = %s", name)
        url = f"{self._forge['url']}/api/v1/repos/{REPO}/actions/jobs/{number}/logs"
        asked = urllib.request.Request(url, headers={"Authorization": f"token {self._forge['push_token']}"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.read().decode(errors="replace")
