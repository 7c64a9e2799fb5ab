"""A step's process with what it says, and the files in which it leaves something for those after it."""

import contextlib
import itertools
import os
import select
import signal
import subprocess

READ_LIMIT = 64 * 1024
LONGEST = 128 * 1024  # bytes of a line; more is taken for another one
LEFT = 64  # reads of what a step's children still say when it has ended
STEP_GRACE = 5  # seconds between asking a step to end and killing it


class Step:
    """One process of a step, in a session of its own, and the lines that it says."""

    def __init__(self, command, folder, environment):
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.output = self.process.stdout.fileno()
        os.set_blocking(self.output, False)
        self.end = os.pidfd_open(self.process.pid)
        self.open = True
        self.rest = b""

    def lines(self, seconds, listen=True):
        """Its output within these seconds, at most one read; whole lines."""
        waiting_for = [self.end, self.output] if self.open and listen else [self.end]
        ready, _, _ = select.select(waiting_for, [], [], max(0, seconds))
        return self.read() if self.output in ready else []

    def read(self):
        try:
            data = os.read(self.output, READ_LIMIT)
        except BlockingIOError:
            return []
        self.open = bool(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > LONGEST or not data:
            lines, self.rest = ([*lines, self.rest] if self.rest else lines), b""
        return [line.decode("utf-8", "replace").rstrip("\r") for line in lines]

    def last_lines(self):
        """What is left in the pipe once it has ended; its children may hold it open, and go on."""
        for _ in range(LEFT):
            if self.open and select.select([self.output], [], [], 0)[0]:
                yield from self.read()
        if self.rest:
            yield self.rest.decode("utf-8", "replace")

    def stop(self):
        """End it and all in its session's group: asked first, then killed."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            select.select([self.end], [], [], STEP_GRACE)

    def close(self):
        self.process.stdout.close()
        os.close(self.end)
        return self.process.wait()


class Letters:
    """The files in which a step leaves something for those after it."""

    def __init__(self, folder, number):
        names = ("ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY")
        self.paths = {name: os.path.join(folder, f"{number}.{name.lower()}") for name in names}
        for path in self.paths.values():
            open(path, "w").close()

    def variables(self):
        return {f"GITHUB_{name}": path for name, path in self.paths.items()}

    def lines(self, name):
        with open(self.paths[name], errors="replace") as file:
            return file.read().split("\n")

    def assignments(self, name):
        """From `NAME=value` lines and `NAME<<END` blocks."""
        found = {}
        lines = iter(self.lines(name))
        for line in lines:
            key, assigned, value = line.partition("=")
            block, _, end = line.partition("<<")
            if len(block) < len(key):
                found[block] = "\n".join(itertools.takewhile(lambda text, end=end: text != end, lines))
            elif assigned:
                found[key] = value
        return found
