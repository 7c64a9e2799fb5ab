"""Runner scale sets, and the service that keeps them: what it refuses, what it tells, and which runners get which job.

GitHub documents none of it. Addresses, shapes, statuses and the words of the session conflict follow its own client
(github.com/actions/scaleset, 6ce0259) and what people reported of it. Assumed, and to our disadvantage: a job whose
labels a scale set has goes to runners of that set alone, waits where the set has no room for it, and is told of only
when it is assigned; runners of a set are not in the REST API; an assigned job's request has no number.
"""

import json
import re
import secrets
import time
import uuid
from urllib.parse import unquote

import jwt

from tests.counterparts.github.actions import packed
from tests.counterparts.github.world import Runner, ScaleSet, Session

SERVICE = "/_actions/"
SETS, AGENTS = "_apis/runtime/runnerscalesets", "_apis/distributedtask/pools/0/agents"
VERSION = "6.0-preview"
HOUR = 3600
BATCH = 50  # of what was told, in one message


class Fault(Exception):
    def __init__(self, status, kind, message):
        super().__init__(message)
        self.status, self.kind = status, kind


class Service:
    """`holds`: seconds for which a call for messages is held. `asks`: jobs are offered, to be acquired, as an
    Enterprise Server does. `drops`: labels besides the name are dropped, as one before 3.18 does."""

    def __init__(self, world, base):
        self.world, self.base = world, base
        self.holds, self.asks, self.drops = 0.05, False, False
        self._key = secrets.token_hex(32)
        self.calls = []  # (method, path)
        self._number = 100_000_000  # of messages

    # Who may

    def registered(self, headers, body):
        """A registration token is changed for the address and the token of the service. (status, headers, body)"""
        scheme, _, words = headers.get("Authorization", "").partition(" ")
        place, ends = self.world.registrations.get(words, ("", 0))
        meant = place.partition("/")[2]
        if scheme != "RemoteAuth" or ends <= self.world.clock.seconds():
            return 401, {}, b'{"message": "Bad credentials"}'
        if body != {"url": f"{self.base}/{meant}", "runner_event": "register"}:
            return 404, {}, b'{"message": "Not Found"}'
        told = {"place": place, "exp": int(self.world.clock.seconds()) + HOUR}
        token = jwt.encode(told, self._key, "HS256")
        address = f"{self.base}{SERVICE}{place.replace('/', '-')}"
        return 200, {}, b"\xef\xbb\xbf" + json.dumps({"url": address, "token": token}).encode()

    def _place(self, headers):
        """Of the organisation or repository that the token of the service is for."""
        scheme, _, words = headers.get("Authorization", "").partition(" ")
        try:
            told = jwt.decode(words, self._key, ["HS256"], options={"verify_exp": False})
        except jwt.InvalidTokenError:
            raise Fault(401, "", "Unauthorized") from None
        if scheme != "Bearer" or told["exp"] <= self.world.clock.seconds():
            raise Fault(401, "", "Unauthorized")
        return told["place"]

    def _session(self, headers):
        """The scale set whose session's token this is."""
        words = headers.get("Authorization", "").removeprefix("Bearer ")
        for one in self.world.scale_sets.values():
            if one.session and one.session.token == words and one.session.ends > self.world.clock.seconds():
                return one
        raise Fault(401, "", "Unauthorized")

    # Calls

    def answer(self, method, path, query, headers, body):
        """(status, headers, body)"""
        rest = unquote(path.partition("/")[2])
        self.calls.append((method, rest))
        try:
            if rest.startswith("messages"):
                status, said = self._queue(method, rest, query, headers)
            else:
                if query.get("api-version") != VERSION:
                    raise Fault(400, "VssVersionNotSpecifiedException", "No api-version was supplied.")
                with self.world.lock:
                    status, said = self._route(method, rest, query, headers, json.loads(body or b"null"))
        except Fault as fault:
            told = {"typeName": f"GitHub.Actions.Runtime.WebApi.{fault.kind}", "message": str(fault)}
            return fault.status, {"Content-Type": "application/json"}, json.dumps(told).encode()
        return status, {}, b"" if said is None else json.dumps(said).encode()

    def _route(self, method, path, query, headers, body):
        if path.startswith(AGENTS):
            return self._agents(method, path, query, self._place(headers))
        if found := re.fullmatch(rf"{SETS}/(\d+)/acquirejobs", path):
            return self._acquire(self._session(headers), int(found[1]), body)
        place = self._place(headers)
        if path == SETS:
            return self._sets(method, query, place, body)
        found = re.fullmatch(rf"{SETS}/(\d+)(?:/(\w+))?(?:/([\w-]+))?", path)
        one = self.world.scale_sets.get(int(found[1])) if found else None
        if one is None or one.place != place:
            raise Fault(404, "RunnerScaleSetNotFoundException", f"No runner scale set found with {path}.")
        deeds = {
            ("DELETE", None): self._remove,
            ("POST", "sessions"): self._open,
            ("PATCH", "sessions"): self._renew,
            ("DELETE", "sessions"): self._close,
            ("POST", "generatejitconfig"): self._jit,
            ("GET", "acquirablejobs"): self._acquirable,
        }
        if (method, found[2]) not in deeds:
            raise Fault(405, "", "The requested resource does not support http method.")
        return deeds[method, found[2]](one, body, found[3])

    def _sets(self, method, query, place, body):
        there = [one for one in self.world.scale_sets.values() if one.place == place]
        if method == "GET":
            group, name = int(query["runnerGroupId"]), query["name"]
            found = [_shape(one) for one in there if one.group == group and one.name == name]
            return 200, {"count": len(found), "value": found}
        if any(one.name == body["name"] and one.group == body["runnerGroupId"] for one in there):
            raise Fault(
                409, "RunnerScaleSetExistsException", f"Runner scale set {body['name']} already exists."
            )
        labels = [body["name"]] if self.drops else [label["name"] for label in body["labels"]]
        made = ScaleSet(self.world.number(), place, body["name"], body["runnerGroupId"], labels)
        self.world.scale_sets[made.id] = made
        return 200, _shape(made)

    def _remove(self, one, _body, _below):
        del self.world.scale_sets[one.id]
        for job in self.world.jobs.values():
            job.scale_set = None if job.scale_set is one else job.scale_set
        return 204, None

    def _open(self, one, body, _below):
        if one.session:
            message = f"The actions runner scaleset {one.name} already has an active session."
            raise Fault(409, "RunnerScaleSetSessionConflictException", message)
        one.session = Session(str(uuid.uuid4()), body["ownerName"], "", 0)
        return self._renew(one, None, one.session.id)

    def _renew(self, one, _body, session_id):
        _same(one, session_id)
        one.session.token, one.session.ends = secrets.token_hex(30), self.world.clock.seconds() + HOUR
        place = one.place.replace("/", "-")
        return 200, {
            "sessionId": one.session.id,
            "ownerName": one.session.owner,
            "messageQueueUrl": f"{self.base}{SERVICE}{place}/messages?sessionId={one.session.id}",
            "messageQueueAccessToken": one.session.token,
            "statistics": self._statistics(one),
        }

    def _close(self, one, _body, session_id):
        _same(one, session_id)
        one.session = None
        return 204, None

    # Messages

    def _queue(self, method, path, query, headers):
        one = self._session(headers)
        if query.get("sessionId") != one.session.id:
            raise Fault(404, "RunnerScaleSetSessionNotFoundException", "No such session.")
        if method == "DELETE":
            with self.world.lock:
                if one.messages.pop(int(path.rpartition("/")[2]), None) is None:
                    raise Fault(404, "MessageNotFoundException", "No such message.")
            return 204, None
        one.capacity = int(headers["X-ScaleSetMaxCapacity"])
        with self.world.lock:
            for job in self.world.jobs.values():
                self.assign(job)
        until = time.monotonic() + self.holds
        while not (message := self._next(one, int(query.get("lastMessageId", 0)))):
            if time.monotonic() > until:
                return 202, None
            time.sleep(0.005)
        return 200, message

    def _next(self, one, last):
        """The first after `last` that was not acknowledged."""
        with self.world.lock:
            if one.told:
                self._number += 1
                one.messages[self._number], one.told = one.told[:BATCH], one.told[BATCH:]
            number = min((number for number in one.messages if number > last), default=None)
            return number and {
                "messageId": number,
                "messageType": "RunnerScaleSetJobMessages",
                "body": json.dumps(one.messages[number]),
                "statistics": self._statistics(one),
            }

    def tell(self, job, kind, **more):
        if job.scale_set:
            job.scale_set.told.append(_told(job, kind) | more)

    def _statistics(self, one):
        mine = [job for job in self.world.jobs.values() if job.scale_set is one]
        running = sum(job.status == "in_progress" for job in mine)
        waits = sum(job.status == "queued" for job in mine)
        return {"totalAvailableJobs": 0, "totalAssignedJobs": waits + running, "totalRunningJobs": running}

    # Jobs and runners

    def assign(self, job):
        """To the set that has its labels, as far as that has room."""
        one = self._set_for(job)
        if one is None or job.scale_set or job.status != "queued" or not one.session:
            return
        if self._statistics(one)["totalAssignedJobs"] >= one.capacity:
            return
        if self.asks:
            if job.id not in one.offered:
                one.offered.add(job.id)
                one.told.append(_told(job, "JobAvailable", job.id + 7))
        else:
            job.scale_set = one
            self.tell(job, "JobAssigned")

    def take_back(self, job):
        """No runner took it in time: it is assigned anew, with the next call for messages."""
        self.tell(job, "JobCompleted", result="canceled")
        job.scale_set = None

    def lets(self, runner, job):
        """Whether a runner may have that job: one of a set its own, every other what no set has the labels of."""
        return job.scale_set is runner.scale_set if self._set_for(job) else runner.scale_set is None

    def _set_for(self, job):
        places = (f"orgs/{job.run.repo.owner.login}", f"repos/{job.run.repo.full_name}")
        wanted = {label.lower() for label in job.labels}
        for one in self.world.scale_sets.values():
            if one.place in places and wanted <= {label.lower() for label in one.labels}:
                return one
        return None

    def _acquirable(self, one, _body, _below):
        if not self.asks:
            return 204, None
        waits = [job for job in self.world.jobs.values() if job.status == "queued" and not job.scale_set]
        told = [_told(job, "JobAvailable", job.id + 7) for job in waits if self._set_for(job) is one]
        return 200, {"count": len(told), "value": told}

    def _acquire(self, one, set_id, requests):
        """By the token of its session."""
        if one.id != set_id:
            raise Fault(401, "", "Unauthorized")
        taken = [job for number in requests if (job := self.world.jobs.get(number - 7)) and not job.scale_set]
        for job in taken:
            job.scale_set = one
            self.tell(job, "JobAssigned")
        return 200, {"count": len(taken), "value": [job.id + 7 for job in taken]}

    def _jit(self, one, body, _below):
        if any((it.place, it.name) == (one.place, body["name"]) for it in self.world.runners.values()):
            raise Fault(409, "AgentExistsException", f"A runner exists with the name {body['name']}.")
        made = Runner(self.world.number(), one.place, body["name"], one.labels, secrets.token_hex(32))
        made.group, made.scale_set = one.group, one
        self.world.runners[made.id] = made
        told = {"id": made.id, "name": made.name, "runnerScaleSetId": one.id}
        return 200, {"runner": told, "encodedJITConfig": packed(self.base, made)}

    def _agents(self, method, path, query, place):
        there = [one for one in self.world.runners.values() if one.place == place]
        if method == "GET":
            named = [one for one in there if query.get("agentName", one.name) == one.name]
            found = [{"id": one.id, "name": one.name} for one in named]
            return 200, {"count": len(found), "value": found}
        one = next((one for one in there if str(one.id) == path.rpartition("/")[2]), None)
        if one is None:
            raise Fault(404, "AgentNotFoundException", "The runner is not there.")
        if one.busy:
            raise Fault(400, "JobStillRunningException", f"Runner {one.name} is still running a job.")
        del self.world.runners[one.id]
        return 204, None


def _same(one, session_id):
    if one.session is None or one.session.id != session_id:
        raise Fault(404, "RunnerScaleSetSessionNotFoundException", f"No session {session_id}.")


def _shape(one):
    return {
        "id": one.id,
        "name": one.name,
        "runnerGroupId": one.group,
        "labels": [{"id": 1, "name": label, "type": "System"} for label in one.labels],
    }


def _told(job, kind, request=0):
    repo, runner = job.run.repo, job.runner
    return {
        "messageType": kind,
        "runnerRequestId": request,
        "ownerName": repo.owner.login,
        "repositoryName": repo.name,
        "jobId": str(uuid.uuid5(uuid.NAMESPACE_URL, str(job.id))),
        "jobDisplayName": job.name,
        "jobWorkflowRef": f"{repo.full_name}/.github/workflows/{job.run.file}@refs/heads/main",
        "workflowRunId": job.run.id,
        "eventName": "push",
        "requestLabels": job.labels,
        "runnerId": runner.id if runner else 0,
        "runnerName": runner.name if runner else "",
        "result": "succeeded" if job.conclusion == "success" else job.conclusion or "",
    }
