"""One order, from the engine's start to the last process that it left behind."""

import contextlib
import math
import os
import signal
import subprocess
import time

from farmhand_agent import engines, trust
from farmhand_agent.end_cause import NoStart, end_cause
from farmhand_agent.fence import Fence, debug_processes
from farmhand_agent.meter import memory_mib, oom_kills
from farmhand_agent.processes import descendants, send
from farmhand_agent.samples import Used
from farmhand_agent.tail import Lines, secrets_in

FINAL_GRACE = 5  # for an engine whose steps were killed, to report to its forge
LEAVING_GRACE = 5  # for an engine when the machine goes down
READY_PATIENCE = 30  # for what the image still starts beside us
KILL_PATIENCE = 10
REMOVE_PATIENCE = 60  # for the folder of an order; what can't be removed by then stays


class Job:
    """One order, from the engine's start to the last process that it left behind."""

    LEAVING = LEAVING_GRACE + FINAL_GRACE  # seconds that its end takes when the machine goes down

    def __init__(self, order, tail, meter, waker):
        self.order = order
        self.tail, self.meter, self.waker = tail, meter, waker
        self.end_reason = None  # (cause, sentence), once the main thread ends it
        self.requested_end = None  # the same, from another thread or a signal: the main thread carries it out
        self.kill_at = math.inf  # all but the engine, which may still report to its forge
        self.end_at = math.inf  # the engine as well
        self.path = os.path.join(meter.folder, f"order-{order['id']}-{os.urandom(4).hex()}")
        self.oom_kills = oom_kills()
        self.before = descendants()  # what a start script left running beside us is not the order's
        self.ended = {}  # process id -> wait status
        self.began = time.monotonic()
        self.used = Used()
        self.fence = None
        self.answering = None  # the last result of answers(), as the thread that reports knows it

    def start(self):
        """Exec the engine in its own folder, session and process group. Raises NoStart."""
        order = self.order
        self.engine = engine = self.known_engine()
        program = engine and engines.find(engine)
        if not program:
            raise NoStart("engine_missing", f"This machine has no engine {order['engine']}.")
        self.limit = float(order["time_limit_s"])
        self.grace = float(order["grace_s"])
        self.lines = Lines(self.tail, self.secrets())
        await_image(time.monotonic() + READY_PATIENCE)
        os.mkdir(self.path, 0o700)
        write_files(self.path, {**engine.files, **trust.files(order), **order["files"]})
        self.meter.begin()
        self.fence = Fence(f"order-{order['id']}", memory_mib()[0])
        self.prepare(program)
        self.process = self.spawn(self.fence.command([*engine.interpreter, program, *self.arguments()]))
        self.limit_at = time.monotonic() + self.limit

    def known_engine(self):
        return engines.ENGINES.get(self.order["engine"])

    def secrets(self):
        """What is masked in the tail."""
        return secrets_in(self.order["files"], self.order["environment"])

    def prepare(self, program):
        """What comes before the program: nothing for a job."""

    def answers(self):
        """Whether its program answers requests; None where there are none, as at a job's engine."""
        return None

    def give_up(self):
        """Clean up after a start that failed."""
        if self.fence:
            self.fence.remove()
        remove(self.path)

    def arguments(self):
        own = (argument.format(folder=self.path) for argument in self.engine.arguments)
        return [*own, *self.order.get("arguments", [])]

    def environment(self):
        trusted = trust.environment(self.order, self.path)
        return {**engines.job_environment(), **trusted, **self.order["environment"]}

    def spawn(self, command):
        process = subprocess.Popen(
            command,
            cwd=self.path,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        os.set_blocking(process.stdout.fileno(), False)
        return process

    def watch(self):
        """Until the engine has ended: keep its output, end it when its time is over."""
        open = True
        while self.process.pid not in self.ended:
            until = min(self.limit_at if not self.end_reason else math.inf, self.kill_at) - time.monotonic()
            ready = self.waker.wait(min(until, 3600), *([self.process.stdout.fileno()] if open else []))
            if ready:
                open = self.read_output()
            self.reap()
            self.enforce()
        self.process.returncode = os.waitstatus_to_exitcode(self.ended[self.process.pid])

    def read_output(self):
        """Read the engine's output; False at its end."""
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
        if not self.end_reason and (self.requested_end or now >= self.limit_at):
            self.end_reason = self.requested_end or (
                "time_limit",
                f"The time limit of {self.limit:.0f} s was over.",
            )
            self.kill_at = now + (
                self.grace if self.end_reason[0] != "killed" else min(self.grace, LEAVING_GRACE)
            )
            self.end_at = self.kill_at + FINAL_GRACE
            self.ask_to_end()
        elif now >= self.kill_at:
            self.kill_at = now + 0.2  # it may have begun another step
            if now < self.end_at:
                send(signal.SIGKILL, self.steps())
            else:
                self.fence.end()  # at one stroke: a bomb has grown again before each of its processes was found
                send(signal.SIGKILL, self.processes())

    def ask_to_end(self):
        """Let the engine end in its own way."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.killpg(self.process.pid, self.engine.stop)
        if not self.engine.ends_steps:
            send(signal.SIGTERM, self.steps())

    def processes(self):
        """All processes of this order. We are their subreaper: none gets away by forking twice."""
        return descendants() - self.before - debug_processes()

    def steps(self):
        return self.processes() - {self.process.pid}

    def clean(self):
        """Kill what the engine left behind, read its last output; returns the number of killed processes."""
        left = set()
        end = time.monotonic() + KILL_PATIENCE
        self.fence.end()
        while (pids := self.processes()) and time.monotonic() < end:
            left |= pids
            send(signal.SIGKILL, pids)
            self.waker.wait(0.05)
            self.reap()
        while (
            time.monotonic() < end and self.waker.wait(0, self.process.stdout.fileno()) and self.read_output()
        ):
            pass
        self.lines.flush()
        self.process.stdout.close()
        self.fence.remove()
        return len(left)

    def remove(self):
        """Its folder: not from under debug access."""
        if not debug_processes():
            remove(self.path)

    def end_cause(self):
        """(cause, sentence), once the engine has ended."""
        facts = {
            "out_of_memory": oom_kills() > self.oom_kills,
            "disk_full": self.lines.no_space or self.meter.was_full(),
            "refused": self.fence.limit if self.fence.refused() else 0,
            "no_network": self.lines.no_network(),
        }
        code = self.process.returncode
        cause, sentence = end_cause(code, self.end_reason, **facts)
        return cause, self.engine.codes.get(code, sentence) if cause == "engine_failed" else sentence


def await_image(end):
    """Wait until the image has started what jobs need, which it shows by a file."""
    path = os.environ.get("FARMHAND_READY")
    while path and not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.05)


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
        with contextlib.suppress(subprocess.TimeoutExpired):
            quiet = {"stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
            subprocess.run([*command, "--", folder], timeout=REMOVE_PATIENCE, **quiet)
