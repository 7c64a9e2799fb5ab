"""Virtual machines on this computer: how soon they are there, and what they take. The local grid's program alone,
then the whole product."""

import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from practice.grid import processes
from practice.grid.vms import image
from tests.bench.figures import percentile, spread, verdict
from tests.images.manager import REAL_HOLD
from tests.machines.host import CLAIM, Host
from tests.machines.product import SIZE, Local
from tests.machines.worker import Worker
from tests.practice.grid.harness import until

ALONE, TOGETHER, REFRESHES, COLD, READY = 7, 8, 5, 5, 6
ALONE_WITHIN = {"debian": 4, "built-in": 3}  # seconds by the kind of kernel (docs/images.md)
MIB = 2**20
STARTED = """
    SELECT extract(epoch FROM runner.started_at)::float FROM runners_job job
        JOIN runners_runner runner ON runner.job_id = job.id WHERE job.name = %s
"""
KEPT = 2  # machines that stand by
STAND_BY = "SELECT 1 FROM runners_vm WHERE state = 'standby' AND retire_reason = '' HAVING count(*) >= %s"
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
            print(
                f"machines are {json.loads((host.home / 'ready.json').read_text())['machines']}, kernel {_kernel()}"
            )
            _refreshed(host, new=_alone(host))
        with a_host(Path(folder) / "together") as host:
            _together(host)
        _disks(Path(folder))
        _jobs(Path(folder))


@contextmanager
def a_host(home: Path) -> Iterator[Host]:
    host = Host(home)
    try:
        yield host
    finally:
        host.close()


def _alone(host: Host) -> float:
    """Returns the median of the seconds from an order to its agent's claim."""
    took = [_timed(lambda number=number: _booted(host, number)) for number in range(1, ALONE + 1)]
    print(f"real       order -> agent's claim, encrypted, alone  {spread(took)}")
    _tell("p50", percentile(took, 0.5), ALONE_WITHIN[_kernel()])
    return percentile(took, 0.5)


def _kernel() -> str:
    """The kind that the image in use has."""
    manifest = image.newest(image.folder(os.environ)).folder / "manifest.json"
    return json.loads(manifest.read_text())["kernel"]["kind"]


def _booted(host: Host, number: int) -> None:
    host.wallet.deploy([host.order(number)])
    host.claimed(number)
    if number < ALONE:
        host.wallet.remove([f"vm{number}"])


def _refreshed(host: Host, new: float) -> None:
    """The last one that was booted alone begins anew, again and again."""
    took = []
    for count in range(2, REFRESHES + 2):
        time.sleep(3)  # what ends sooner after its start counts as broken
        host.manager.give({"refresh": True})
        took.append(_timed(lambda count=count: host.claimed(ALONE, count)))
    print(f"real       refresh wished -> claimed anew            {spread(took)}")
    print(
        f"           p50 {percentile(took, 0.5):.1f} s, a new machine {new:.1f} s: it ends the old one first; no target"
    )


def _together(host: Host) -> None:
    """Eight at once, in a queue of twice the processors; then what they hold of the computer's memory."""
    numbers = range(1, TOGETHER + 1)
    host.manager.beat, host.manager.hold = {"interval": 10}, REAL_HOLD  # so the real one leaves them in peace

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
    return sum(map(_share, processes.pids_of([folder])))


def _share(pid: int) -> int:
    """Bytes, what is shared with others divided by their number; 0 of one that has just ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        text = (processes.PROC / str(pid) / "smaps_rollup").read_text()
        return int(text.partition("Pss:")[2].split()[0]) * 1024
    return 0


def _disks(folder: Path) -> None:
    """What a job gets from its disk under each protection. There is no target: it says what each costs."""
    for protection in ("none", "encrypted", "ram"):
        worker = Worker(folder / protection, memory=1024, FARMHAND_PROTECTION=protection)
        try:
            said = worker.run(DISK)
        finally:
            worker.close()
        written, read = re.findall(r", ([\d.]+ [MG]B/s)", said)
        files, copied = said.split()[-1], re.search(r"real\s+(\S+)", said)[1]
        print(f"real       a job's disk, {protection}: written {written}, read {read}")
        print(f"           {files} files copied in {copied}, no target")


def _jobs(folder: Path) -> None:
    product = Local(folder / "product")
    product.home.folder.parent.mkdir()
    product.start()
    try:
        until(lambda: not product.sql(LEFT), CLAIM)
        cold = [_started(product, f"cold{number}") for number in range(COLD)]
        print(f"real       push -> engine started, no machine there   {spread(cold)}")
        _tell("p50", percentile(cold, 0.5), 5)
        product.sql("UPDATE runners_pool SET min_vms = %s", json.dumps({SIZE: KEPT}))
        ready = []
        for number in range(READY):
            until(lambda: product.sql(STAND_BY, KEPT), CLAIM)
            time.sleep(2)
            ready.append(_started(product, f"ready{number}"))
        print(f"real       push -> engine started, a machine stands by  {spread(ready)}")
        _tell("p50", percentile(ready, 0.5), 1)
    finally:
        product.end()


def _started(product: Local, name: str) -> float:
    """Seconds from a push, which queues one job, to its engine's start. Its machine is gone at the end. (A forge tells
    whole seconds of when it queued a job.)"""
    pushed = time.time()
    product.run(name, "true")
    product.gone(name)
    return product.sql(STARTED, name)[0][0] - pushed


def _tell(what: str, value: float, limit: float, unit: str = "s") -> None:
    print(f"           {what} {value:.1f} {unit}, {verdict(value, limit)}")


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
