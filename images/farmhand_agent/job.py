"""One order, from the engine's start to the last process that it left behind."""

import contextlib
import math
import os
import signal
import subprocess
import time

from farmhand_agent import engines
from farmhand_agent.meter import oom_kills
from farmhand_agent.processes import descendants, send
from farmhand_agent.tail import Lines, secrets_in

LAST_WORDS = 5  # for an engine whose steps were killed, to tell its forge
LEAVING_GRACE = 5  # for an engine when the machine goes down
KILL_PATIENCE = 10


class NoStart(Exception):
    """The engine can't be started; `cause` in the protocol's words."""

    def __init__(self, cause, sentence):
        super().__init__(sentence)
        self.cause = cause


class Job:
    """One order, from the engine's start to the last process that it left behind."""

    def __init__(self, order, tail, meter, bell):
        self.order = order
        self.tail, self.meter, self.bell = tail, meter, bell
        self.why = None  # (cause, sentence), once we have decided that it must end
        self.wish = None  # the same, from another thread or a signal: the main thread carries it out
        self.kill_at = math.inf  # all but the engine, which may still tell its forge
        self.end_at = math.inf  # the engine as well
        self.path = os.path.join(meter.folder, f"order-{order['id']}-{os.urandom(4).hex()}")
        self.oom_kills = oom_kills()
        self.before = descendants()  # what a start script left running beside us is not the order's
        self.ended = {}  # process id -> wait status

    def start(self):
        """Exec the engine in its own folder, session and process group. Raises NoStart."""
        order = self.order
        self.engine = engine = engines.ENGINES.get(order["engine"])
        program = engine and engines.find(engine)
        if not program:
            raise NoStart("engine_missing", f"This machine has no engine {order['engine']}.")
        self.limit = float(order["time_limit_s"])
        self.grace = float(order["grace_s"])
        self.lines = Lines(self.tail, secrets_in(order["files"]))
        os.mkdir(self.path, 0o700)
        write_files(self.path, {**engine.files, **order["files"]})
        self.meter.begin()
        self.process = self.spawn([*engine.interpreter, program, *engine.arguments])
        self.limit_at = time.monotonic() + self.limit

    def spawn(self, command):
        environment = {**engines.job_environment(), **self.order["environment"]}
        process = subprocess.Popen(
            command,
            cwd=self.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        os.set_blocking(process.stdout.fileno(), False)
        return process

    def watch(self):
        """Until the engine has ended: keep what it says, end it when its time is over."""
        listening = True
        while self.process.pid not in self.ended:
            until = min(self.limit_at if not self.why else math.inf, self.kill_at) - time.monotonic()
            ready = self.bell.wait(min(until, 3600), *([self.process.stdout.fileno()] if listening else []))
            if ready:
                listening = self.listen()
            self.reap()
            self.enforce()
        self.process.returncode = os.waitstatus_to_exitcode(self.ended[self.process.pid])

    def listen(self):
        """Take what the engine has said; False when nobody can say anything more."""
        try:
            data = os.read(self.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return True
        self.lines.feed(data)
        return bool(data)

    def reap(self):
        """As subreaper we get every orphan of the engine, too."""
        with contextlib.suppress(ChildProcessError):  # nobody is left
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self.ended[found[0]] = found[1]

    def enforce(self):
        now = time.monotonic()
        if not self.why and (self.wish or now >= self.limit_at):
            self.why = self.wish or ("time_limit", f"The time limit of {self.limit:.0f} s was over.")
            self.kill_at = now + (self.grace if self.why[0] != "killed" else min(self.grace, LEAVING_GRACE))
            self.end_at = self.kill_at + LAST_WORDS
            self.ask()
        elif now >= self.kill_at:
            self.kill_at = now + 0.2  # it may have begun another step
            send(signal.SIGKILL, self.steps() if now < self.end_at else self.processes())

    def ask(self):
        """Let the engine end in its own way."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.killpg(self.process.pid, self.engine.stop)
        if not self.engine.ends_steps:
            send(signal.SIGTERM, self.steps())

    def processes(self):
        """All that came of this order. We are their subreaper: none gets away by forking twice."""
        return descendants() - self.before

    def steps(self):
        return self.processes() - {self.process.pid}

    def clean(self):
        """Kill what the engine left behind, take its last words, remove the folder."""
        left = set()
        end = time.monotonic() + KILL_PATIENCE
        while (pids := self.processes()) and time.monotonic() < end:
            left |= pids
            send(signal.SIGKILL, pids)
            self.bell.wait(0.05)
            self.reap()
        while self.bell.wait(0, self.process.stdout.fileno()) and self.listen():
            pass
        self.lines.flush()
        self.process.stdout.close()
        remove(self.path)
        return len(left)

    def verdict(self):
        """(cause, sentence), once the engine has ended."""
        full = self.lines.no_space or self.meter.was_full()
        return self.why or verdict(self.process.returncode, oom_kills() > self.oom_kills, full)


def verdict(code, out_of_memory, disk_full):
    """(cause in the protocol's words, sentence) of an engine that nobody told to end."""
    if out_of_memory:
        return "out_of_memory", "Memory ran out and the kernel ended a process."
    if disk_full:
        return "disk_full", "The disk was full."
    if code < 0:
        return "killed", f"Signal {-code} ended the engine."
    if code > 0:
        return "engine_failed", f"The engine gave up with exit code {code}."
    return "exited", "The engine ended by itself."


def write_files(folder, files):
    for name, text in files.items():
        if name != os.path.basename(name):
            raise ValueError("a file of an order has no folder of its own")
        file = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(file, "w") as opened:
            opened.write(text)


def remove(folder):
    """By the system's own tools: they are quick, and cost no import. Folders may be write-protected."""
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        subprocess.run([*command, "--", folder], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
