"""What Forgejo tells by webhook: a push, and that a run has ended. Nothing of single jobs."""

from practice.forge.statuses import FINAL
from practice.forge.store import Row, Store
from practice.forge.webhooks import announce, hooks, postman
from tests.counterparts.forgejo import shapes

ENDS = ("action_run_success", "action_run_failure", "action_run_recover")
signed = postman.signed_headers


def no_job(store: Store, job_id: int, now: float, **_) -> None:
    """Forgejo has no such event."""


def run(store: Store, run_id: int, now: float) -> None:
    """Its end; a run that was cancelled or superseded has failed."""
    row = store.require("run", run_id)
    if row["status"] not in FINAL:
        return
    event = "action_run_success" if row["status"] in ("success", "skipped") else "action_run_failure"
    wanted = hooks.listeners(store, store.require("repo", row["repo_id"]), event)
    prior = "running" if row["started"] else "waiting"
    action = event.rpartition("_")[2]
    body = {"action": action, "run": shapes.run(store, row), "prior_status": prior}
    announce._enqueue(store, wanted, event, action, body, now, 0)


def signed_headers(hook: Row, row: Row, body: bytes, target: str) -> dict[str, str]:
    """Gitea's, with twins of Forgejo's own name."""
    headers = signed(hook, row, body, target)
    twins = {"Delivery": row["uuid"], "Event": row["event"], "Event-Type": row["event"]}
    twins["Signature"] = headers["X-Gitea-Signature"]
    return headers | {f"X-Forgejo-{name}": value for name, value in twins.items()}


def speak() -> None:
    """From now on the practice forge tells this."""
    announce.job, announce.run = no_job, run
    postman.signed_headers = signed_headers
    hooks.EVENTS = (*hooks.EVENTS, *ENDS)
