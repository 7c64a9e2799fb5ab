"""Workflows that a visitor of the pages may push, each for the labels that he writes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    text: str  # LABEL stands for the label

    def workflow(self, label: str) -> str:
        return self.text.replace("LABEL", label)


EXAMPLES = {
    "hello": Example(
        "One job that says hello",
        """\
name: hello
on: [push, workflow_dispatch]
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
on: [push, workflow_dispatch]
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
on: [push, workflow_dispatch]
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
on: [push, workflow_dispatch]
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
on: [push, workflow_dispatch]
jobs:
  long:
    runs-on: LABEL
    steps:
      - run: for second in $(seq 60); do echo "second $second"; sleep 1; done
""",
    ),
}
