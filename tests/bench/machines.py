"""Virtual machines on this computer: how soon they are there, and what they take. The local grid's program alone,
then the whole product."""

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import percentile, spread, verdict
from tests.machines.host import CLAIM, Host
from tests.machines.product import SIZE, Local
from tests.machines.worker import Worker
from tests.practice.grid.harness import until
from tfci.practice.grid import processes

ALONE, TOGETHER, REFRESHES, COLD, READY = 7, 8, 5, 5, 10
MIB = 2**20
STARTED = """
    SELECT extract(epoch FROM runner.started_at - job.queued_at)::float FROM runners_job job
        JOIN runners_runner runner ON runner.asked_for_id = job.id WHERE job.name = %s AND runner.started_at IS NOT NULL
"""
STANDS_BY = "SELECT 1 FROM runners_vm WHERE state = 'standby' AND retire_why = ''"
DISK = """
    cd $HOME
    dd if=/dev/zero of=big bs=1M count=128 conv=fsync
    echo 3 >/proc/sys/vm/drop_caches
    dd if=big of=/dev/null bs=1M
    rm big
    bash -c 'time { cp -r /usr/lib/python3.* few; sync; }'
    find few -type f | wc -l
"""
LEFT = "SELECT 1 FROM runners_vm WHERE state <> 'gone'"


def measure() -> None:
    with tempfile.TemporaryDirectory(prefix="farmhand-bench-") as folder:
        with a_host(Path(folder) / "alone") as host:
            print(f"machines are {json.loads((host.home / 'ready.json').read_text())['machines']}")
            _alone(host)
            _refreshed(host)
        with a_host(Path(folder) / "together") as host:
            _together(host)
        for protection in ("none", "encrypted", "ram"):
            _disk(Path(folder), protection)
        _jobs(Path(folder))


@contextmanager
def a_host(home: Path) -> Iterator[Host]:
    host = Host(home)
    try:
        yield host
    finally:
        host.close()


def _alone(host: Host) -> None:
    took = [_timed(lambda number=number: _booted(host, number)) for number in range(1, ALONE + 1)]
    print(f"real       order -> agent's claim, encrypted, alone  {spread(took)}")
    _tell("p50", percentile(took, 0.5), 4)


def _booted(host: Host, number: int) -> None:
    host.wallet.deploy([host.order(number)])
    host.claimed(number)
    if number < ALONE:
        host.wallet.remove([f"vm{number}"])


def _refreshed(host: Host) -> None:
    """The last one that was booted alone begins anew, again and again."""
    took = []
    for count in range(2, REFRESHES + 2):
        time.sleep(3)  # what ends sooner after its start counts as broken
        host.manager.give({"refresh": True})
        took.append(_timed(lambda count=count: host.claimed(ALONE, count)))
    print(f"real       refresh wished -> claimed anew            {spread(took)}")


def _together(host: Host) -> None:
    """Eight at once, in a queue of twice the processors; then what they hold of the computer's memory."""
    numbers = range(1, TOGETHER + 1)

    def boot() -> None:
        host.wallet.deploy([host.order(number) for number in numbers])
        for number in numbers:
            host.claimed(number)

    _tell(f"all of {TOGETHER} claimed after", _timed(boot), 20)
    time.sleep(5)
    held = [_held(host.folder(f"vm{number}")) / MIB for number in numbers]
    _tell("memory of an idle machine of 256 MiB (PSS), median", percentile(held, 0.5), 200, "MiB")


def _held(folder: Path) -> int:
    """Bytes of memory that are this machine's own share."""
    rollups = [(processes.PROC / str(pid) / "smaps_rollup").read_text() for pid in processes.of([folder])]
    return sum(int(text.partition("Pss:")[2].split()[0]) for text in rollups) * 1024


def _disk(folder: Path, protection: str) -> None:
    """What a job gets from its disk."""
    worker = Worker(folder / protection, memory=1024, FARMHAND_PROTECTION=protection)
    try:
        said = worker.run(DISK)
        written, read = re.findall(r", ([\d.]+ [MG]B/s)", said)
        files, copied = said.split()[-1], re.search(r"real\s+(\S+)", said)[1]
        print(f"real       a job's disk, {protection}: written {written}, read {read}")
        print(f"           {files} files copied in {copied}")
    finally:
        worker.close()


def _jobs(folder: Path) -> None:
    product = Local(folder / "product")
    product.home.folder.parent.mkdir()
    product.start()
    try:
        _wait(product, LEFT, empty=True)
        cold = [_started(product, f"cold{number}") for number in range(COLD)]
        print(f"real       queued -> engine started, no machine there  {spread(cold)}")
        _tell("p50", percentile(cold, 0.5), 5)
        product.sql("UPDATE runners_pool SET min_vms = %s", json.dumps({SIZE: 2}))
        ready = []
        for number in range(READY):
            _wait(product, STANDS_BY)
            time.sleep(2)
            ready.append(_started(product, f"ready{number}"))
        print(f"real       queued -> engine started, a machine stands by  {spread(ready)}")
        _tell("p50", percentile(ready, 0.5), 1)
    finally:
        product.end()


def _started(product: Local, name: str) -> float:
    """Seconds from queued to the engine's start of one job, whose machine is gone at the end."""
    product.run(name, "true")
    product.gone(name)
    return product.sql(STARTED, name)[0][0]


def _wait(product: Local, query: str, *, empty: bool = False) -> None:
    until(lambda: bool(product.sql(query)) != empty, CLAIM)


def _tell(what: str, value: float, limit: float, unit: str = "s") -> None:
    print(f"           {what} {value:.1f} {unit}, {verdict(value, limit)}")


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
