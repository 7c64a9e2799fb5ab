"""python -m practice.forge --home DIR [--host 127.0.0.1] [--port N] [--url PUBLIC]"""

import argparse
import signal
import threading
import time
from pathlib import Path

from practice.forge import protocol
from practice.forge.api import actions, archive, contents, hooks, people, pulls, runners
from practice.forge.api.door import door
from practice.forge.control.door import control_door
from practice.forge.installation import open_installation
from practice.forge.pages import pulls as pull_pages, repositories
from practice.forge.server import Server
from practice.forge.store import Store
from practice.forge.sweeper import Sweeper
from practice.forge.webhooks.postman import Postman

# Each adds its routes to the one REST door.
REST_FILES = (people, runners, actions, hooks, contents, archive, pulls)
PAGE_FILES = (repositories, pull_pages)  # and to the pages


def main() -> None:
    arguments = _arguments()
    arguments.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = Server((arguments.host, arguments.port))
    url = arguments.url or f"http://{arguments.host}:{server.server_port}"
    store = Store(arguments.home / "forge.sqlite3", url)
    installation = open_installation(arguments.home, store, time.time())
    control = control_door(installation.control_token, server.injected)
    server.open(store, [door, protocol.door, control, repositories.door])
    clocks = (Postman(store), Sweeper(store))
    for clock in clocks:
        clock.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"practice forge ready at {url}", flush=True)
    server.serve_forever(poll_interval=0.1)
    for clock in clocks:
        clock.end()
    server.server_close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m practice.forge", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder that keeps everything")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: %(default)s); whoever reaches its pages acts as the owner",
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--url", default="", help="public address, if it is another one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
