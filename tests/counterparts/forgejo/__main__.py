"""python -m tests.counterparts.forgejo --home DIR: as the practice forge, with other doors and other news."""

import argparse
import signal
import threading
import time
from pathlib import Path

from practice.forge import protocol, settings, workflows
from practice.forge.__main__ import REST_FILES
from practice.forge.api import people
from practice.forge.control.door import control_door
from practice.forge.installation import open_installation
from practice.forge.pages import repositories
from practice.forge.server import Server
from practice.forge.store import Store
from practice.forge.sweeper import Sweeper
from practice.forge.webhooks.postman import Postman
from tests.counterparts.forgejo import doors, news, runners

VERSION = "16.0.0-dev-539-4695780d41+gitea-1.22.0"


def main() -> None:
    home = _home()
    workflows.FOLDER = ".forgejo/workflows"
    settings.BEHAVIOUR["version"] = VERSION
    news.speak()
    server = Server(("127.0.0.1", 0))
    store = Store(home / "forge.sqlite3", f"http://127.0.0.1:{server.server_port}")
    store.run(runners.TABLE)
    installation = open_installation(home, store, time.time())
    control = control_door(installation.control_token, server.injected)
    server.open(store, [*doors.DOORS, people.door, protocol.door, control, repositories.door])
    clocks = (Postman(store), Sweeper(store))
    for clock in clocks:
        clock.start()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"Forgejo's counterpart ready at {store.url}, with {len(REST_FILES)} files of routes", flush=True)
    server.serve_forever(poll_interval=0.05)
    for clock in clocks:
        clock.end()
    server.server_close()


def _home() -> Path:
    parser = argparse.ArgumentParser(prog="python -m tests.counterparts.forgejo", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args().home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


if __name__ == "__main__":
    main()
