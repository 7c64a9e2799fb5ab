"""A command of manage.py for the installation of `make run`, while that runs: python -m tfci.management.up.command …

It has the grid that the installation has, whatever this computer or its own environment would choose now.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tfci.management.up.environment import environment
from tfci.management.up.home import Home
from tfci.management.up.product import SOURCE


def main(words: list[str]) -> int:
    home = Home(Path(os.environ.get("FARMHAND_HOME", SOURCE / "var")).resolve())
    if not home.ready_file.exists():
        print(f"Farmhand does not run in {home.folder}. Start it with: make run", file=sys.stderr)
        return 1
    kind = json.loads(home.ready_file.read_text())["grid"]
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, env=environment(home, os.environ, kind), cwd=SOURCE).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
