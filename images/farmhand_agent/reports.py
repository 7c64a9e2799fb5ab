"""What the manager hears of the machine: that an engine has started, heartbeats with their samples, an order's end."""

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
AWAY = 30  # seconds without the manager that are worth a word when an order ends


class Reports:
    """Spoken by two threads, one at a time: run() in its own, finish() by the one that carries out orders."""

    def __init__(self, manager, tail, meter, bell):
        self.manager, self.tail, self.meter, self.bell = manager, tail, meter, bell
        self.samples = Samples()
        self.job = None
        self.started = None  # what is still to be said of the job that has just started
        self.final = None
        self.interval, self.every = 10, 1
        self.boot = boot_log()
        self.debug = None  # made by the first order for it
        self.debug_order = None  # as the manager's last answer has it
        self.speaking = threading.Lock()
        self.news = threading.Event()
        self.leave_at = math.inf  # when a last word that was not heard is given up

    def note(self, sentence):
        """One line of our own: on the console and in the tail."""
        print(f"[agent] {sentence}", file=sys.stderr, flush=True)
        self.tail.say(f"[agent] {sentence}\n")

    def insist(self, verb, body, patience, timeout=CALL_TIMEOUT):
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
                self.bell.wait(delay)

    def begin(self, started):
        """An engine was started: say so at once."""
        self.manager.begin()
        self.started = started
        self.news.set()

    def run(self):
        """The second thread, until a final answer: measures, and speaks when it is time."""
        beat_at, delays = 0, backoff()
        while True:
            with self.speaking:
                self.measure()
                try:
                    if self.news.is_set() or time.monotonic() >= beat_at:
                        self.news.clear()
                        self.announce()
                        self.beat()
                        beat_at, delays = time.monotonic() + self.interval, backoff()
                except Lost:
                    beat_at = time.monotonic() + next(delays)
                except Final as final:
                    self.final = final
                    self.wish("stopped", "The manager does not want this machine any more.")
                    self.debug_order = None
            self.see_to_debug()
            self.see_to_app()
            if self.final:
                return
            wait = beat_at - time.monotonic()
            self.news.wait(max(0, min(wait, self.every) if self.job else wait))

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

    def announce(self):
        if self.started:
            self.manager.call("started", self.started)
            self.started = None

    def beat(self):
        job = self.job
        phase = "standby" if job is None else "ending" if job.why else "job"
        text, position = self.tail.pending()
        samples = self.samples.told(time.monotonic())
        news = {"debug": self.debug.news} if self.debug and self.debug.news else {}
        if job and job.answering is not None:
            news["answers"] = job.answering
        body = {**self.meter.totals(), "phase": phase, "samples": samples, "tail": text, **self.boot, **news}
        answer = self.manager.call("beat", body)
        self.tail.accept(position)
        self.samples.clear()
        self.boot = {}
        if "debug" in news:
            self.debug.news = {}
        self.debug_order = answer.get("debug")
        self.interval = within(answer.get("interval"), 1, 300, 10)
        self.every = within(answer.get("every"), 0.5, 300, 1)
        if answer.get("stop") is True and job is self.job:
            self.wish("stopped", "The manager said stop.")

    def see_to_debug(self):
        """Open or close as was answered; what came of it is told at once."""
        if self.debug_order or self.debug:
            from farmhand_agent.debug import Debug

            self.debug = self.debug or Debug()
            if self.debug.obey(self.debug_order):
                self.news.set()

    def see_to_app(self):
        """Ask a server's program whether it answers; a change is told at once."""
        if (job := self.job) and (answering := job.answers()) != job.answering:
            job.answering = answering
            self.news.set()

    def wish(self, cause, sentence):
        if job := self.job:
            job.wish = job.wish or (cause, sentence)
            self.bell.ring()

    def finish(self, done):
        """Tell an order's end until it is heard, and before it whatever is still to be said of it."""
        with self.speaking:
            if self.started:
                self.insist("started", self.started, math.inf)
                self.started = None
            self.measure()
            if self.leave_at == math.inf:
                with contextlib.suppress(Lost):
                    self.beat()
            text, position = self.tail.pending()
            if self.job:
                done["used"] = self.job.used.told()
            self.insist("done", {**done, "tail": text}, math.inf)
            self.tail.accept(position)
        self.job = None

    def away(self):
        """A sentence where the manager could not be reached for long in this order; else nothing."""
        seconds = self.manager.longest_away
        return f" For {seconds:.0f} s the manager could not be reached." if seconds > AWAY else ""


def within(number, least, most, usual):
    """What was answered, within reason."""
    return min(max(number, least), most) if isinstance(number, int | float) else usual


def boot_log():
    """{"boot": the end of what the image wrote down while it started}; empty where it wrote nothing."""
    try:
        with open(os.environ.get("FARMHAND_BOOT_LOG", ""), "rb") as file:
            return {"boot": file.read()[-BOOT_LIMIT:].decode("utf-8", "replace")}
    except OSError:
        return {}
