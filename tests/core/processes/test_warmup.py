"""The processes, as Granian, uvicorn and Celery load them."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOADED = """
import gc, sys, tfci.wsgi
print(gc.get_freeze_count() > 100_000, "runners.web.views.jobs.list" in sys.modules)
"""
PREPARED = (
    "; from tfci.core.processes import warmup"
    "; print(*sorted(one.__qualname__ for one in warmup.build_decoders()))"
)
WORKER = (
    "from celery import signals; from tfci.celery import app; app.loader.init_worker();"
    " assert any(name == 'build_decoders' for name in [r().__name__ for _, r in signals.worker_init.receivers])"
)
DOORS = "runners/agents/"  # decoded by doors alone: a worker never loads it
LOADERS = {"web": "import tfci.wsgi", "agents": "import tfci.asgi", "worker-act": WORKER}
# With the grid whose client is loaded only where it is wanted.
EVERYTHING = {"FARMHAND_GRID": "dev", "FARMHAND_FLIST": "https://hub.grid.tf/farmhand/vm.flist"}
# Eight threads decode a type that none has decoded before, and are interrupted after almost every step.
RACE = """
import sys, threading, msgspec
from tfci.forges.facts import JobSeen, RunEvent, RunSeen, WebhookEvent
sys.setswitchinterval(1e-6)
job = JobSeen("1", "1", "a/b", "build", ("small",), "queued")
body = msgspec.json.encode(
    WebhookEvent("workflow_job", (job, job), run=RunEvent("1", 1, False, RunSeen("ci.yml", "x")))
)
gate = threading.Barrier(8)
def decode():
    gate.wait()
    for _ in range(50):
        msgspec.json.decode(body, type=WebhookEvent)
threads = [threading.Thread(target=decode) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def run(program: str, process: str = "web", **settings: str) -> subprocess.CompletedProcess:
    environment = os.environ | settings | {"FARMHAND_PROCESS": process}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)


def trees(without: str = "") -> Iterator[ast.Module]:
    """The product's own modules, but for those of a folder."""
    for folder in ("tfci", "billing", "runners"):
        for file in (ROOT / folder).rglob("*.py"):
            if not without or not file.is_relative_to(ROOT / without):
                yield ast.parse(file.read_text())


def structures(without: str = "") -> set[str]:
    classes = [node for tree in trees(without) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return {one.name for one in classes if "msgspec.Struct" in map(ast.unparse, one.bases)}


def decoded_where_threads_are() -> Iterator[str]:
    """The types that functions name to msgspec, but for those that they are handed."""
    for tree in trees():
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            handed = {argument.arg for argument in function.args.args}
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if ast.unparse(call.func) in ("msgspec.json.decode", "msgspec.convert"):
                    for keyword in (one for one in call.keywords if one.arg == "type"):
                        named = {node.id for node in ast.walk(keyword.value) if isinstance(node, ast.Name)}
                        yield from named - handed


def test_it_has_all_pages_loaded_and_out_of_the_collectors_way_before_the_first_visitor():
    answer = run(LOADED)
    assert answer.stdout.split() == ["True", "True"], answer.stderr


@pytest.mark.parametrize("process", LOADERS)
def test_each_structure_is_prepared_before_threads_decode_it(process):
    answer = run(LOADERS[process] + PREPARED, process, **EVERYTHING)
    wanted = structures(without=DOORS if LOADERS[process] == WORKER else "")
    assert wanted <= set(answer.stdout.split()), answer.stderr


def test_what_is_no_structure_is_decoded_by_a_decoder_that_was_made_at_import():
    assert set(decoded_where_threads_are()) <= structures()


def test_a_first_decode_in_many_threads_ends_no_process():
    """msgspec 0.22.0 died here in 4 of 10 runs."""
    assert [run(RACE).returncode for _ in range(12)] == [0] * 12
