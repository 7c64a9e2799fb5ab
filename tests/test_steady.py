"""The pages' front door, as Granian loads it."""

import os
import subprocess
import sys

PROGRAM = """
import gc, sys, tfci.wsgi
print(gc.get_freeze_count() > 100_000, "runners.views.jobs" in sys.modules)
"""


def test_it_has_all_pages_loaded_and_out_of_the_collectors_way_before_the_first_visitor():
    environment = os.environ | {"FARMHAND_PROCESS": "web"}
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60
    )
    assert answer.stdout.split() == ["True", "True"], answer.stderr
