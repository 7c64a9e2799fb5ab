"""What the practice engine says to its forge: the calls of Gitea's runner protocol, and how a job goes."""

import contextlib
import http.client
import itertools
import json
import re
import ssl
import time

SERVICE = "/api/actions/runner.v1.RunnerService/"
TIMEOUT = 10
ANSWER_LIMIT = 16 * 1024 * 1024
LINE_LIMIT = 64 * 1024
ROWS, ROWS_SIZE = 1000, 1024 * 1024  # in one call: lines, and their characters
BACKLOG = 16 * 1024 * 1024  # characters that wait for the forge; a step that says more waits, too
LAST_WORD = 60  # seconds to tell the forge how the job ended
MASK = re.compile(r"::add-mask::(.*)")


class Lost(Exception):
    """No answer from the forge; the same call may go through later."""


class Unregistered(Exception):
    """The forge does not know this runner any more: cancelled, removed, or never known."""


class Forge:
    """The runner's side of Gitea's runner protocol."""

    def __init__(self, runner):
        scheme, _, rest = runner["address"].rstrip("/").partition("://")
        host, _, folder = rest.partition("/")
        self.path = (f"/{folder}" if folder else "") + SERVICE
        if scheme == "https":
            tls = ssl.create_default_context()
            self.line = http.client.HTTPSConnection(host, timeout=TIMEOUT, context=tls)
        else:
            self.line = http.client.HTTPConnection(host, timeout=TIMEOUT)
        self.headers = {
            "Content-Type": "application/json",
            "x-runner-uuid": runner["uuid"],
            "x-runner-token": runner["token"],
        }

    def call(self, method, message):
        """The answer. Raises Lost or Unregistered."""
        try:
            self.line.request("POST", self.path + method, json.dumps(message).encode(), self.headers)
            answer = self.line.getresponse()
            text = answer.read(ANSWER_LIMIT)
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            raise Lost(f"no answer to {method} ({type(error).__name__})") from error
        if b"unregistered runner" in text and answer.status != 200:
            raise Unregistered
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if answer.status != 200 or not isinstance(found, dict):
            raise Lost(f"the forge answered {method} with {answer.status}")
        return found


class Report:
    """Reports to the forge: log lines, the state of each step, the end. Lines are kept until it has them."""

    def __init__(self, forge, task):
        self.forge, self.task_id = forge, task["id"]
        self.masks = set()
        for secret in (task.get("secrets") or {}).values():
            self.mask(secret)
        self.state = {"id": self.task_id, "startedAt": utc()}
        self.steps, self.step = [], None
        self.outputs = {}
        self.rows, self.acknowledged, self.backlog = [], 0, 0
        self.cancelled = False
        self.due, self.pauses = 0, pauses((0.1, 0.25, 0.5), 1)

    def begin_step(self, number):
        self.step = self.steps[number]
        self.step |= {"startedAt": utc(), "logIndex": str(self.length)}

    def end_step(self, result):
        self.measure_step()
        self.step |= {"stoppedAt": utc(), "result": f"RESULT_{result.upper()}"}
        self.step = None

    def measure_step(self):
        """How many lines are of the present step: a forge shows no others while it runs."""
        if self.step:
            self.step["logLength"] = str(self.length - int(self.step["logIndex"]))

    def mask(self, secret):
        self.masks |= {line.strip() for line in secret.splitlines() if line.strip()}

    def say(self, line):
        """One line of the log, without the secrets in it."""
        if found := MASK.match(line):
            self.mask(found[1])
            return
        for secret in sorted(self.masks, key=len, reverse=True):
            line = line.replace(secret, "***")
        self.rows.append({"time": utc(), "content": line[:LINE_LIMIT]})
        self.backlog += len(self.rows[-1]["content"])

    @property
    def length(self):
        return self.acknowledged + len(self.rows)

    @property
    def full(self):
        return self.backlog > BACKLOG

    def send(self):
        """One round: new lines and the state. Raises Lost or Unregistered."""
        while self.rows:
            self.send_lines()
        self.measure_step()
        message = {"state": {**self.state, "steps": self.steps}}
        if self.outputs:
            message["outputs"] = self.outputs
        answer = self.forge.call("UpdateTask", message)
        self.cancelled = self.cancelled or (answer.get("state") or {}).get("result") == "RESULT_CANCELLED"

    def send_lines(self, last=False):
        rows = self.batch()
        index = str(self.acknowledged)
        message = {"taskId": self.task_id, "index": index, "rows": rows, "noMore": last}
        acknowledged = int(self.forge.call("UpdateLog", message).get("ackIndex") or 0)
        if rows and acknowledged <= self.acknowledged:
            raise Lost("the forge did not keep the log")
        accepted = max(acknowledged - self.acknowledged, 0)
        self.backlog -= sum(len(row["content"]) for row in self.rows[:accepted])
        del self.rows[:accepted]
        self.acknowledged += accepted

    def batch(self):
        sizes = itertools.accumulate(len(row["content"]) for row in self.rows[:ROWS])
        return self.rows[: max(1, sum(1 for size in sizes if size <= ROWS_SIZE))]

    def send_when_due(self):
        """As send(), about once a second; a forge that is away is asked again later. Raises Unregistered."""
        if time.monotonic() < self.due:
            return
        with contextlib.suppress(Lost):
            self.send()
        self.due = time.monotonic() + next(self.pauses)

    def finish(self, result):
        """Tell the end until the forge has it. Raises Lost after a minute, Unregistered."""
        self.state |= {"result": f"RESULT_{result.upper()}", "stoppedAt": utc()}
        end = time.monotonic() + LAST_WORD
        for pause in pauses((0.25, 0.5, 1), 2):
            try:
                while self.rows:
                    self.send_lines()
                self.send_lines(last=True)
                return self.send()
            except Lost:
                if time.monotonic() + pause > end:
                    raise
                time.sleep(pause)


def pauses(first, then):
    return itertools.chain(first, itertools.repeat(then))


def utc():
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}Z"
