"""The whole product on the local grid: jobs of the practice forge in virtual machines."""

import html
import textwrap
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import httpx

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
    SELECT vm.id, vm.state, runner.started_at FROM runners_vm vm JOIN runners_runner runner ON runner.vm_id = vm.id
        JOIN runners_job job ON runner.job_id = job.id WHERE job.name = %s ORDER BY vm.id DESC LIMIT 1
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

    def over(self, name: str) -> bool:
        return bool(self.sql(ENDED, name))

    def ended(self, name: str, seconds: float = PATIENCE) -> Ran:
        until(lambda: self.over(name), seconds, f"the end of {name}")
        [(_, conclusion)] = self.sql(ENDED, name)
        return Ran(conclusion, self.printed(name))

    def runs(self, name: str, seconds: float = PATIENCE) -> Path:
        """The folder of the job's machine, as soon as its engine was started there."""
        until(lambda: self._machine(name)[2], seconds, f"the start of {name}")
        [folder] = (self.grid_home / "machines").glob(f"*_{self._machine(name)[0]}-*[0-9]")
        return folder

    def gone(self, name: str, seconds: float = PATIENCE) -> list[str]:
        """Once its machine is no more: what is left of it on this host."""
        until(lambda: self._machine(name)[1] == "gone", seconds, f"the end of {name}'s machine")
        return [left for left in self.vms() if f"_{self._machine(name)[0]}-" in left]

    def page(self, name: str) -> str:
        """The job's page, as the owner of the demo team gets it."""
        [(job,)], ready = self.sql("SELECT id FROM runners_job WHERE name = %s", name), self._ready
        with httpx.Client(base_url=ready["url"], follow_redirects=True, timeout=60) as browser:
            browser.get("/accounts/login/")
            form = {"login": ready["email"], "password": ready["password"]}
            browser.post(
                "/accounts/login/", data=form | {"csrfmiddlewaretoken": browser.cookies["farmhand_csrf"]}
            )
            text = browser.get(f"/t/{ready['team']}/jobs/{job}/").text
            return html.unescape(" ".join(text.split()))

    def printed(self, name: str) -> str:
        """What its steps have printed so far, as its forge has it."""
        [(number,)] = self.sql("SELECT forge_job_id FROM runners_job WHERE name = %s", name)
        url = f"{self._forge['url']}/api/v1/repos/{REPO}/actions/jobs/{number}/logs"
        asked = urllib.request.Request(url, headers={"Authorization": f"token {self._forge['push_token']}"})
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            if error.code == 404:  # it has no line yet
                return ""
            raise

    def _machine(self, name: str) -> tuple[int, str, object]:
        """(id, state, when its engine was started) of the one that runs or ran the job; nothing while none does."""
        return next(iter(self.sql(MACHINE, name)), (0, "", None))
