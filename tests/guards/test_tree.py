"""The tree stays easy to enter: few files in a folder, short files, and what a file needs at its top."""

import ast
import subprocess
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES_IN_A_FOLDER, LINES_OF_A_FILE = 25, 400
WRITTEN = (".py", ".js", ".css", ".html", ".sh")  # by us; what is in static/vendor/ is others'
# A migration is a row of history: nobody changes, moves or removes it, and each change of the schema adds one.
HISTORY = "migrations"
IMPORTS_IN_FUNCTIONS = {  # docs/decisions/imports-in-functions.md
    ("runners/web/views/statements/pages.py", "runners.web.views.statements.pdf"),
    ("billing/apps.py", "billing.wallets"),
    ("billing/apps.py", "tfci.accounts.teams"),
    ("billing/apps.py", "billing.grants"),
    ("tfci/grid/registry.py", "tfci.grid.drivers.threefold.clients"),
    ("images/farmhand_agent/engines.py", "subprocess"),
    ("images/farmhand_agent/life.py", "farmhand_agent.app.App"),
    ("images/farmhand_agent/life.py", "farmhand_agent.job.Job"),
    ("images/farmhand_agent/http_call.py", "ssl"),
    ("images/farmhand_agent/processes.py", "ctypes"),
    ("images/farmhand_agent/reports.py", "farmhand_agent.debug.Debug"),
}


def sources(*suffixes):
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [Path(line) for line in listed.stdout.splitlines()]
    return [
        path
        for path in paths
        if path.suffix in suffixes and HISTORY not in path.parts and "vendor" not in path.parts
    ]


def test_no_folder_has_more_files_than_one_takes_in():
    found = Counter(str(path.parent) for path in sources(*WRITTEN))
    assert {folder: count for folder, count in found.items() if count > FILES_IN_A_FOLDER} == {}


def test_no_file_is_too_long():
    lines = {str(path): len((ROOT / path).read_text().splitlines()) for path in sources(*WRITTEN)}
    assert {path: count for path, count in lines.items() if count > LINES_OF_A_FILE} == {}


def test_imports_stand_at_the_top():
    found = {
        (str(path), ".".join(filter(None, [getattr(node, "module", None), alias.name])))
        for path in sources(".py")
        for function in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert found == IMPORTS_IN_FUNCTIONS
