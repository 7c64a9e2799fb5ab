"""An order that stays: a server's program, with a folder of its own that outlives each run of it."""

import contextlib
import os
import socket
import subprocess

from farmhand_agent.end_cause import NoStart
from farmhand_agent.engines import Engine
from farmhand_agent.job import Job, remove, write_files

FIRST_LIMIT = 120  # seconds for each command before a first run
PATIENCE = 3  # seconds for the program's answer
HERE = "127.0.0.1"
DATA = "{data}"  # in arguments, variables and files: the folder that stays
PREPARED = ".prepared"  # the file in it that says that all of `first` was done


class App(Job):
    """A job whose order has an `app`: program, port, health, files, first, secrets (docs/design/agent-protocol.md)."""

    def __init__(self, order, tail, meter, waker):
        super().__init__(order, tail, meter, waker)
        self.app = order["app"]
        self.data = os.path.join(meter.folder, "data")

    def known_engine(self):
        return Engine((self.app["program"],))

    def secrets(self):
        return self.app["secrets"]

    def arguments(self):
        return [self.filled(word) for word in self.order["arguments"]]

    def environment(self):
        return {name: self.filled(value) for name, value in super().environment().items()}

    def filled(self, text):
        return text.replace(DATA, self.data)

    def prepare(self, program):
        """Its folder, once a machine: files and commands of a first run. Raises NoStart."""
        try:
            if not port_is_free(self.app["port"]):
                raise NoStart("engine_failed", f"Port {self.app['port']} is taken by another program.")
            if not os.path.exists(os.path.join(self.data, PREPARED)):
                self.set_up(program)
        except NoStart:
            self.give_up()
            raise

    def set_up(self, program):
        remove(self.data)
        os.mkdir(self.data, 0o700)
        write_files(self.data, {name: self.filled(text) for name, text in self.app["files"].items()})
        for words in self.app["first"]:
            self.run([program, *(self.filled(word) for word in words)])
        write_files(self.data, {PREPARED: ""})

    def run(self, command):
        """Run it to its end; its output goes into the tail."""
        try:
            result = subprocess.run(
                command,
                cwd=self.data,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=FIRST_LIMIT,
            )
        except subprocess.TimeoutExpired:
            raise NoStart(
                "engine_failed", f"What comes before a first run took longer than {FIRST_LIMIT} s."
            ) from None
        self.lines.feed(result.stdout)
        self.lines.flush()
        if result.returncode:
            raise NoStart("engine_failed", f"What comes before a first run ended with {result.returncode}.")

    def answers(self):
        return answers(self.app["port"], self.app["health"])


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except OSError:
            return False
    return True


def answers(port, path):
    """Whether a GET of that path gets an answer that is no error."""
    with contextlib.suppress(OSError), socket.create_connection((HERE, port), PATIENCE) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {HERE}:{port}\r\n\r\n".encode())
        with connection.makefile("rb") as response:
            words = response.readline(200).split()
            return len(words) > 1 and words[1][:1] in (b"2", b"3")
    return False
