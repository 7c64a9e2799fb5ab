"""The practice forge is a stranger to the product: it must not know what it is there to test."""

import subprocess
import sys

from tests.practice.forge.harness import ROOT

LOADED = "import sys, practice.forge.__main__; print(*sorted(sys.modules))"


def test_it_loads_nothing_of_ours_and_no_django():
    told = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = told.stdout.split()
    assert [name for name in loaded if name.split(".")[0] in ("tfci", "runners", "billing", "images")] == []
    assert "django" not in loaded
