"""How workflows are written for a Woodpecker."""

from collections.abc import Sequence

from tfci.forges.woodpecker.labels import pairs

TEST_JOB = """\
when:
  - event: push
    branch: farmhand-test-*
{asks}
skip_clone: true
steps:
  - name: hello
    image: bash
    commands:
      - echo "Hello from $(uname -n)"
      - nproc
      - df -h /
"""


class Pipelines:
    """WorkflowSyntax of Woodpecker: labels are pairs, and each file is one job."""

    folder = ".woodpecker"

    def asks(self, labels: Sequence[str]) -> str:
        return "\n".join(["labels:", *(f"  {key}: {_quoted(value)}" for key, value in pairs(labels).items())])

    def change(self, labels: Sequence[str]) -> Sequence[tuple[str, str]]:
        added = [("+", line) for line in self.asks(labels).splitlines()]
        return [(" ", "when:"), (" ", "  - event: push"), *added, (" ", "steps:")]

    def test_job(self, labels: Sequence[str]) -> str:
        return TEST_JOB.format(asks=self.asks(labels))


def _quoted(value: str) -> str:
    """YAML would read true as no text."""
    return f'"{value}"' if value in ("true", "false") or value.isdigit() else value
