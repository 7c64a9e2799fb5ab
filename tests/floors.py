"""Branch coverage of what must not go wrong, by its own tests: rules, reasons, a VM's life, the ledger. `make floors`

The rules are those that `.importlinter` keeps pure. The tests of `a.b.c` are `tests/a/b/test_c.py`,
`tests/a/b/test_c_*.py`, or what is in `tests/a/b/c/`. Searches among states (SEARCHES, test_life.py) are left out: they
take minutes, and what they cover changes from run to run.
"""

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOOR = 97  # percent of lines and branches, all modules together
STATEFUL = ["runners.vms.lifecycle", "billing.ledger"]
BESIDE = [  # what tests the life of a VM and the ledger too
    "tests/runners/vms/test_debug_access.py",
    "tests/runners/servers/test_reconcile.py",
    "tests/billing/test_wallets.py",
    "tests/billing/test_spent.py",
    "tests/billing/test_funds.py",
]
SEARCHES = ["test_planner_model.py", "test_ledger_model.py"]
SHORT = ["-q", "-n", "2", "-m", "not proof and not screens", "--hypothesis-profile=few"]


def modules() -> list[str]:
    """Of the product and of billing."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    pure = contracts["importlinter:contract:pure"]["source_modules"].split()
    return [name for name in pure if name.startswith(("runners.", "billing."))] + STATEFUL


def tests(module: str) -> list[Path]:
    path = ROOT / "tests" / module.replace(".", "/")
    own = [path, path.parent / f"test_{path.name}.py", *path.parent.glob(f"test_{path.name}_*.py")]
    return [found for found in own if found.exists() and found.name not in SEARCHES]


def command() -> list[str]:
    found = sorted({str(path.relative_to(ROOT)) for module in modules() for path in tests(module)})
    measured = [f"--cov={module}" for module in modules()]
    report = ["--cov-branch", "--cov-report=term-missing:skip-covered", f"--cov-fail-under={FLOOR}"]
    return [sys.executable, "-m", "pytest", *SHORT, *measured, *report, *found, *BESIDE]


if __name__ == "__main__":
    sys.exit(subprocess.run(command(), cwd=ROOT).returncode)
