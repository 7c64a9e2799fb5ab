"""Workflow syntax of GitHub, which Gitea and Forgejo share."""

from collections.abc import Sequence
from dataclasses import dataclass

TEST_JOB = """\
name: farmhand-test
on:
  push:
    branches: ["farmhand-test-*"]
jobs:
  hello:
    {asks}
    steps:
      - run: |
          echo "Hello from $(uname -n)"
          nproc
          df -h /
"""


@dataclass(frozen=True, slots=True)
class Actions:
    """WorkflowSyntax of a forge that looks for workflows in this folder."""

    folder: str

    def asks(self, labels: Sequence[str]) -> str:
        return f"runs-on: {labels[0]}" if len(labels) == 1 else f"runs-on: [{', '.join(labels)}]"

    def change(self, labels: Sequence[str]) -> Sequence[tuple[str, str]]:
        return [
            (" ", "jobs:"),
            (" ", "  test:"),
            ("-", "    runs-on: ubuntu-latest"),
            ("+", f"    {self.asks(labels)}"),
            (" ", "    steps:"),
        ]

    def test_job(self, labels: Sequence[str]) -> str:
        return TEST_JOB.format(asks=self.asks(labels))
