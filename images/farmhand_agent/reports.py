"""Reports to the manager: that an engine has started, heartbeats with samples, the end of an order."""

import contextlib
import math
import os
import sys
import threading
import time

from farmhand_agent.manager import CALL_TIMEOUT, Final, Lost, backoff
from farmhand_agent.samples import Samples

SHORTEST = 0.2  # seconds that a sample covers at least: the kernel counts in hundredths
BOOT_LIMIT = 4 * 1024
LONG_OUTAGE = 30  # seconds without the manager that are reported when an order ends


class Reports:
    """Called by two threads, one at a time: run() in its own, finish() by the one that carries out orders."""

    def __init__(self, manager, tail, meter, waker):
        self.manager, self.tail, self.meter, self.waker = manager, tail, meter, waker
        self.samples = Samples()
        self.job = None
        self.started = None  # the report of a start that is not accepted yet
        self.final = None
        self.interval, self.every = 10, 1
        self.boot = boot_log()
        self.debug = None  # made by the first order for it
        self.debug_order = None  # as the manager's last answer has it
        self.lock = threading.Lock()
        self.report_now = threading.Event()
        self.leave_at = math.inf  # when reports that are not accepted are given up

    def note(self, sentence):
        """One line of our own: on the console and in the tail."""
        print(f"[agent] {sentence}", file=sys.stderr, flush=True)
        self.tail.write(f"[agent] {sentence}\n")

    def call_until_answered(self, verb, body, patience, timeout=CALL_TIMEOUT):
        """The same call until it is answered. Raises Lost after `patience` seconds, or when we must leave."""
        end = time.monotonic() + patience
        for delay in backoff():
            try:
                return self.manager.call(verb, body, timeout)
            except Lost as lost:
                if time.monotonic() + delay > min(end, self.leave_at):
                    raise
                if delay == 0.5:
                    self.note(f"{lost}: trying again")
                self.waker.wait(delay)

    def begin(self, started):
        """Report at once that an engine was started."""
        self.manager.begin()
        self.started = started
        self.report_now.set()

    def run(self):
        """The second thread, until a final answer: measures, and sends what is due."""
        beat_at, delays = 0, backoff()
        while True:
            with self.lock:
                self.measure()
                try:
                    if self.report_now.is_set() or time.monotonic() >= beat_at:
                        self.report_now.clear()
                        self.send_started()
                        self.beat()
                        beat_at, delays = time.monotonic() + self.interval, backoff()
                except Lost:
                    beat_at = time.monotonic() + next(delays)
                except Final as final:
                    self.final = final
                    self.request_end("stopped", "The manager does not want this machine any more.")
                    self.debug_order = None
            self.update_debug()
            self.check_app()
            if self.final:
                return
            wait = beat_at - time.monotonic()
            self.report_now.wait(max(0, min(wait, self.every) if self.job else wait))

    def measure(self):
        if time.monotonic() - self.meter.at < SHORTEST:
            return
        with contextlib.suppress(OSError):  # a job may leave the kernel no room for an answer
            self.keep(self.meter.measure())

    def keep(self, sample):
        self.samples.add(sample)
        job = self.job
        if job and sample.at - sample.span >= job.began:
            job.used.add(sample)

    def send_started(self):
        if self.started:
            self.manager.call("started", self.started)
            self.started = None

    def beat(self):
        job = self.job
        phase = "standby" if job is None else "ending" if job.end_reason else "job"
        text, position = self.tail.pending()
        samples = self.samples.as_json(time.monotonic())
        extra = {"debug": self.debug.report} if self.debug and self.debug.report else {}
        if job and job.answering is not None:
            extra["answers"] = job.answering
        body = {**self.meter.totals(), "phase": phase, "samples": samples, "tail": text, **self.boot, **extra}
        answer = self.manager.call("beat", body)
        self.tail.accept(position)
        self.samples.clear()
        self.boot = {}
        if "debug" in extra:
            self.debug.report = {}
        self.debug_order = answer.get("debug")
        self.interval = clamped(answer.get("interval"), 1, 300, 10)
        self.every = clamped(answer.get("every"), 0.5, 300, 1)
        if answer.get("stop") is True and job is self.job:
            self.request_end("stopped", "The manager said stop.")

    def update_debug(self):
        """Open or close debug access as the manager asked for, and report the result at once."""
        if self.debug_order or self.debug:
            from farmhand_agent.debug import Debug

            self.debug = self.debug or Debug()
            if self.debug.obey(self.debug_order):
                self.report_now.set()

    def check_app(self):
        """Check whether a server's program answers; a change is reported at once."""
        if (job := self.job) and (answering := job.answers()) != job.answering:
            job.answering = answering
            self.report_now.set()

    def request_end(self, cause, sentence):
        if job := self.job:
            job.requested_end = job.requested_end or (cause, sentence)
            self.waker.wake()

    def finish(self, done):
        """Report an order's end until it is accepted, and before it all that is still unreported."""
        with self.lock:
            if self.started:
                self.call_until_answered("started", self.started, math.inf)
                self.started = None
            self.measure()
            if self.leave_at == math.inf:
                with contextlib.suppress(Lost):
                    self.beat()
            text, position = self.tail.pending()
            if self.job:
                done["used"] = self.job.used.as_json()
            self.call_until_answered("done", {**done, "tail": text}, math.inf)
            self.tail.accept(position)
        self.job = None

    def outage_note(self):
        """A sentence if the manager could not be reached for long during this order; else ""."""
        seconds = self.manager.longest_away
        return f" For {seconds:.0f} s the manager could not be reached." if seconds > LONG_OUTAGE else ""


def clamped(number, least, most, default):
    """The manager's number within bounds, or the default."""
    return min(max(number, least), most) if isinstance(number, int | float) else default


def boot_log():
    """{"boot": the end of the image's boot log}; empty without one."""
    try:
        with open(os.environ.get("FARMHAND_BOOT_LOG", ""), "rb") as file:
            return {"boot": file.read()[-BOOT_LIMIT:].decode("utf-8", "replace")}
    except OSError:
        return {}
