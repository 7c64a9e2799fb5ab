"""`make run`: starts everything, says how to sign in, keeps it running, and ends it on Ctrl-C."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path
from subprocess import TimeoutExpired

from tfci.management.up import postgres, valkey
from tfci.management.up.children import Family
from tfci.management.up.grid import NotPrepared
from tfci.management.up.home import AlreadyRuns, Home
from tfci.management.up.ports import PortTaken, await_free
from tfci.management.up.product import SOURCE, OneShotFailed, Product
from tfci.management.up.ready import answers, welcome
from tfci.management.up.waiting import until

# Each ends it in order. The hang-up of a terminal too, but for nohup, which has it ignored.
HANG_UP = [] if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else [signal.SIGHUP]
ENDING = [signal.SIGINT, signal.SIGTERM, *HANG_UP]


def main() -> int:
    home = Home(Path(os.environ.get("FARMHAND_HOME", SOURCE / "var")).resolve())
    family = Family(echo)
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)  # raises KeyboardInterrupt, as Ctrl-C does
    try:
        with home.held():
            start(home, family)
            while True:
                family.tend()
                time.sleep(0.2)
    except KeyboardInterrupt:
        return 0
    except (NotPrepared, AlreadyRuns, PortTaken, OneShotFailed) as problem:
        echo(problem)
        return 1
    except (PermissionError, TimeoutError, TimeoutExpired) as problem:
        echo(problem)
        return 1
    finally:
        end(home, family)


def start(home: Home, family: Family) -> None:
    """Returns when the product answers and the person knows how to sign in."""
    home.ready_file.unlink(missing_ok=True)  # one that was killed could not
    product = Product(home, os.environ)
    await_free(product.listen, product.port, home.ports())
    echo(f"Starting Farmhand in {home.folder}")
    postgres.initialise(product.data)
    family.add(*product.engines(), *product.practice_world())
    until(lambda: postgres.ready(home.sockets), 60, "PostgreSQL", family.tend)
    until(lambda: valkey.ready(home.sockets / "valkey"), 20, "Valkey", family.tend)
    echo("Migrating the database")
    product.run_once("migrate")
    echo("Starting the web processes, the workers, the practice forge and the grid")
    family.add(*product.processes())
    until(lambda: family.whole and answers(product), 120, "all processes to start", family.tend)
    echo(welcome(product))


def end(home: Home, family: Family) -> None:
    """Leaves no process behind; a second Ctrl-C can't hurry that."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    if family.children:
        echo("Stopping")
        home.ready_file.unlink(missing_ok=True)
        family.end()
        shutil.rmtree(home.sockets)


def echo(what: object) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    sys.exit(main())
