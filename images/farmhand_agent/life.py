"""The machine's life: claim, then one order after the other; and heartbeats."""

import math
import signal
import sys
import threading
import time

from farmhand_agent.bell import Bell
from farmhand_agent.engines import ENGINES, find, version
from farmhand_agent.job import LAST_WORDS, LEAVING_GRACE, Job, NoStart, remove
from farmhand_agent.manager import CALL_TIMEOUT, Final, Lost, backoff
from farmhand_agent.meter import Meter, uptime
from farmhand_agent.tail import Tail

ORDER_TIMEOUT = 40  # the manager holds this call for up to 25 s
PATIENCE = 600  # with a manager that does not answer, while no job runs
LEAVING_PATIENCE = 5  # for the last word to the manager, after both


class Agent:
    """The machine's life: claim, then one order after the other. A second thread reports."""

    def __init__(self, manager, token, work):
        self.manager = manager
        self.token = token
        self.bell = Bell()
        self.tail = Tail()
        self.meter = Meter(work)
        self.job = None
        self.started = None  # what is still to be said of the job that has just started
        self.last_done = None
        self.final = None
        self.interval = 10
        self.speaking = threading.Lock()
        self.news = threading.Event()
        self.leaving = False
        self.leave_at = math.inf  # when a last word that was not heard is given up

    def run(self):
        """Returns the exit code: 0 after a final answer or SIGTERM, 1 when the manager stayed away."""
        signal.signal(signal.SIGTERM, self.leave)
        signal.signal(signal.SIGINT, self.leave)
        try:
            self.claim()
            threading.Thread(target=self.report, daemon=True).start()
            while not self.leaving:
                self.carry_out(self.next_order())
        except Final as final:
            self.note(f"{final}: leaving")
        except Lost as lost:
            self.note(f"{lost}: giving up")
            return int(not self.leaving)
        return 0

    def leave(self, *_):
        """SIGTERM: a job is ended first, all else can be dropped at once."""
        if self.job is None:
            sys.exit(0)
        self.leaving = True
        self.job.wish = ("killed", "The machine was told to shut down.")
        self.leave_at = time.monotonic() + LEAVING_GRACE + LAST_WORDS + LEAVING_PATIENCE

    def note(self, sentence):
        """One line of our own: on the console and in the tail."""
        print(f"[agent] {sentence}", file=sys.stderr, flush=True)
        self.tail.say(f"[agent] {sentence}\n")

    def claim(self):
        body = {
            "vm": self.manager.vm,
            "token": self.token,
            "key": self.manager.key,
            "boot_s": uptime(),
            "engines": {name: version(engine) for name, engine in ENGINES.items() if find(engine)},
        }
        self.insist("claim", body, PATIENCE)
        self.manager.claimed = True
        self.token = None
        self.note(f"machine {self.manager.vm} is claimed; engines: {', '.join(body['engines']) or 'none'}")

    def next_order(self):
        while True:
            asked = time.monotonic()
            order = self.insist("order", {}, PATIENCE, ORDER_TIMEOUT)
            if order and "id" in order:
                return order
            if time.monotonic() - asked < 1:
                self.bell.wait(0.2)  # a manager that is just going down answers at once

    def carry_out(self, order):
        """One order, at most once; `done` is said until it is heard."""
        if not (self.last_done and self.last_done["order"] == order["id"]):
            self.last_done = self.work(order)
        self.finish(self.last_done)

    def work(self, order):
        """Run the engine to its end; returns what `done` has to say."""
        job = self.job = Job(order, self.tail, self.meter, self.bell)
        try:
            job.start()
        except NoStart as error:
            return self.done(order, error.cause, str(error))
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            remove(job.path)
            reason = getattr(error, "strerror", None) or type(error).__name__
            return self.done(order, "engine_failed", f"The engine can't be started: {reason}.")
        self.note(f"order {order['id']}: {order['engine']} started as process {job.process.pid}")
        self.started = {"order": order["id"], "at": utc(), "since": time.monotonic()}
        self.news.set()
        job.watch()
        if self.final:
            job.clean()
            raise self.final
        return self.end(job)

    def end(self, job):
        code = job.process.returncode
        cause, sentence = job.verdict()
        if left := job.clean():
            self.note(f"{left} processes were left behind and killed")
        return self.done(job.order, cause, sentence, code if code >= 0 else None, -code if code < 0 else None)

    def done(self, order, cause, sentence, exit_code=None, by_signal=None):
        self.note(f"order {order['id']}: {cause}. {sentence}")
        return {
            "order": order["id"],
            "cause": cause,
            "exit_code": exit_code,
            "signal": by_signal,
            "said": sentence,
            "at": utc(),
            "since": time.monotonic(),
        }

    def finish(self, done):
        with self.speaking:  # the rest of the tail goes either with a beat or with this
            if self.started:
                self.insist("started", self.started, math.inf)
                self.started = None
            text, position = self.tail.pending()
            self.insist("done", {**done, "tail": text}, math.inf)
            self.tail.accept(position)
        self.job = None

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

    def report(self):
        """The second thread: `started` as soon as there is one to say, and heartbeats."""
        delays = backoff()
        while True:
            try:
                with self.speaking:
                    self.announce()
                    self.beat()
                delay, delays = self.interval, backoff()
            except Lost:
                delay = next(delays)
            except Final as final:
                self.final = final
                self.wish("stopped", "The manager does not want this machine any more.")
                return
            self.news.wait(delay)
            self.news.clear()

    def announce(self):
        if self.started:
            self.manager.call("started", self.started)
            self.started = None

    def beat(self):
        job = self.job
        phase = "standby" if job is None else "ending" if job.why else "job"
        text, position = self.tail.pending()
        answer = self.manager.call("beat", {**self.meter.read(), "phase": phase, "tail": text})
        self.tail.accept(position)
        self.interval = interval(answer)
        if answer.get("stop") is True and job is self.job:
            self.wish("stopped", "The manager said stop.")

    def wish(self, cause, sentence):
        if job := self.job:
            job.wish = job.wish or (cause, sentence)
            self.bell.ring()


def interval(answer):
    """Seconds to the next beat, within reason whatever was answered."""
    seconds = answer.get("interval")
    return min(max(seconds, 1), 300) if isinstance(seconds, int | float) else 10


def utc():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
