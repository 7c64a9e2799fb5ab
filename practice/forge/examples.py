"""Workflows that a visitor of the pages may push, each for the labels that they write."""

from dataclasses import dataclass

ON = """\
on:
  push:
    paths: [PATH]
  workflow_dispatch:"""


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    text: str  # LABEL stands for the label, ON for its triggers

    def workflow(self, path: str, label: str) -> str:
        """The file at this path, which only a change of itself starts."""
        return self.text.replace("ON", ON.replace("PATH", path)).replace("LABEL", label)


EXAMPLES = {
    "hello": Example(
        "One job that says hello",
        """\
name: hello
ON
jobs:
  hello:
    runs-on: LABEL
    steps:
      - run: |
          echo "Hello from $(hostname)"
          uname -a
          nproc
""",
    ),
    "matrix": Example(
        "Four jobs at once",
        """\
name: matrix
ON
jobs:
  part:
    runs-on: LABEL
    strategy:
      matrix:
        n: [1, 2, 3, 4]
    steps:
      - run: echo "part ${{ matrix.n }}"; sleep 3
""",
    ),
    "needs": Example(
        "A build, then a test and a report",
        """\
name: needs
ON
jobs:
  build:
    runs-on: LABEL
    steps:
      - run: echo building; sleep 2
  test:
    needs: build
    runs-on: LABEL
    steps:
      - run: echo testing; sleep 2
  report:
    needs: [build, test]
    runs-on: LABEL
    steps:
      - run: echo all is well
""",
    ),
    "failing": Example(
        "One job that fails",
        """\
name: failing
ON
jobs:
  failing:
    runs-on: LABEL
    steps:
      - run: echo "this goes wrong" >&2; exit 3
""",
    ),
    "long": Example(
        "One job of a minute, to be cancelled",
        """\
name: long
ON
jobs:
  long:
    runs-on: LABEL
    steps:
      - run: for second in $(seq 60); do echo "second $second"; sleep 1; done
""",
    ),
}
