"""The machine's life: claim, then one order after the other. A second thread reports."""

import json
import os
import signal
import sys
import threading
import time

from farmhand_agent.end_cause import NoStart
from farmhand_agent.engines import ENGINES, HERE, find, version
from farmhand_agent.manager import Final, Lost
from farmhand_agent.meter import Meter
from farmhand_agent.processes import become_subreaper
from farmhand_agent.reports import Reports
from farmhand_agent.tail import Tail
from farmhand_agent.waker import Waker

ORDER_TIMEOUT = 40  # the manager holds this call for up to 25 s
PATIENCE = 600  # with a manager that does not answer, while no job runs
LEAVING_PATIENCE = 5  # for the last report to the manager, after both
REFRESH = 75  # our exit code: the image is to reboot the machine


class Agent:
    """`token` claims the machine; orders get folders in `work`."""

    def __init__(self, manager, token, work):
        self.manager = manager
        self.token = token
        self.waker = Waker()
        self.tail = Tail()
        self.meter = Meter(work)
        self.reports = Reports(manager, self.tail, self.meter, self.waker)
        self.last_done = None
        self.leaving = False

    def run(self):
        """Returns the exit code: 0 after a final answer or SIGTERM, 1 when the manager stayed away, or REFRESH."""
        signal.signal(signal.SIGTERM, self.leave)
        signal.signal(signal.SIGINT, self.leave)
        try:
            self.claim()
            kind_of({})  # loaded by now, so that no order waits for it
            become_subreaper()
            threading.Thread(target=self.reports.run, daemon=True).start()
            while not self.leaving:
                order = self.next_order()
                if order.get("refresh") is True:
                    self.reports.note("the machine is to start anew: leaving")
                    return REFRESH
                self.carry_out(order)
        except Final as final:
            self.reports.note(f"{final}: leaving")
        except Lost as lost:
            self.reports.note(f"{lost}: giving up")
            return int(not self.leaving)
        return 0

    def leave(self, *_):
        """SIGTERM: a job is ended first, all else can be dropped at once. Python may drop an exit that comes in the
        middle of an import, so it is remembered."""
        self.leaving = True
        job = self.reports.job
        if job is None:
            sys.exit(0)
        job.requested_end = ("killed", "The machine was told to shut down.")
        self.reports.leave_at = time.monotonic() + job.LEAVING + LEAVING_PATIENCE

    def claim(self):
        body = {
            "vm": self.manager.vm,
            "token": self.token,
            "key": self.manager.key,
            "engines": {name: version(engine) for name, engine in ENGINES.items() if find(engine)},
        }
        if image := about_image():
            body["image"] = image
        if killed := os.environ.get("FARMHAND_KILLED", ""):
            body["killed"] = int(killed)
        self.reports.call_until_answered("claim", body, PATIENCE)
        self.manager.claimed = True
        self.token = None
        engines = ", ".join(body["engines"]) or "none"
        self.reports.note(f"machine {self.manager.vm} is claimed; engines: {engines}")

    def next_order(self):
        while True:
            sent_at = time.monotonic()
            order = self.reports.call_until_answered("order", {}, PATIENCE, ORDER_TIMEOUT)
            if order and ("id" in order or "refresh" in order):
                return order
            if time.monotonic() - sent_at < 1:
                self.waker.wait(0.2)  # a manager that is just going down answers at once

    def carry_out(self, order):
        """One order, at most once; `done` is sent until it is accepted. Its folder goes after that: a large one takes
        longer than anybody waits to hear why a job failed."""
        if not (self.last_done and self.last_done["order"] == order["id"]):
            self.last_done = self.work(order)
        job = self.reports.job
        self.reports.finish(self.last_done)
        if job:
            job.remove()

    def work(self, order):
        """Run the engine to its end; returns the body of `done`."""
        job = self.reports.job = kind_of(order)(order, self.tail, self.meter, self.waker)
        try:
            job.start()
        except NoStart as error:
            return self.done(order, error.cause, str(error))
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            job.give_up()
            reason = getattr(error, "strerror", None) or type(error).__name__
            return self.done(order, "engine_failed", f"The engine can't be started: {reason}.")
        self.reports.note(f"order {order['id']}: {order['engine']} started as process {job.process.pid}")
        self.reports.begin({"order": order["id"], "at": utc(), "since": time.monotonic()})
        job.watch()
        if self.reports.final:
            job.clean()
            job.remove()
            raise self.reports.final
        return self.end(job)

    def end(self, job):
        code = job.process.returncode
        cause, sentence = job.end_cause()
        if left := job.clean():
            self.reports.note(f"{left} processes were left behind and killed")
        sentence += self.reports.outage_note()
        return self.done(job.order, cause, sentence, code if code >= 0 else None, -code if code < 0 else None)

    def done(self, order, cause, sentence, exit_code=None, by_signal=None):
        self.reports.note(f"order {order['id']}: {cause}. {sentence}")
        return {
            "order": order["id"],
            "cause": cause,
            "exit_code": exit_code,
            "signal": by_signal,
            "said": sentence,
            "at": utc(),
            "since": time.monotonic(),
        }


def kind_of(order):
    """What carries it out. A claim waits for neither to be loaded; a machine that serves is rare."""
    if "app" in order:
        from farmhand_agent.app import App

        return App
    from farmhand_agent.job import Job

    return Job


def about_image():
    """The image's description of itself, beside us; None if there is none."""
    try:
        with open(os.path.join(HERE, "image.json")) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def utc():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
