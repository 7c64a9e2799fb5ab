"""Its JSON, with the fields of GitHub's published schemas that somebody might read."""

from tests.counterparts.github.clock import text


def account(one):
    return {"login": one.login, "id": one.id, "type": one.type, "site_admin": False}


def user(login):
    return {"login": login, "id": sum(map(ord, login)), "type": "User", "site_admin": False}


def repo(base, one, permissions=None):
    told = {
        "id": one.id,
        "name": one.name,
        "full_name": one.full_name,
        "private": one.private,
        "archived": False,
        "owner": account(one.owner),
        "html_url": f"{base}/{one.full_name}",
        "default_branch": "main",
        "pushed_at": text(one.pushed_at),
    }
    return told | ({"permissions": permissions} if permissions else {})


def job(base, one):
    path = f"{one.run.repo.full_name}/actions/runs/{one.run.id}"
    return {
        "id": one.id,
        "run_id": one.run.id,
        "run_url": f"{base}/api/v3/repos/{path}",
        "run_attempt": one.attempt,
        "head_sha": f"{one.run.id:040x}",
        "head_branch": one.run.branch,
        "url": f"{base}/api/v3/repos/{one.run.repo.full_name}/actions/jobs/{one.id}",
        "html_url": f"{base}/{path}/job/{one.id}",
        "status": one.status,
        "conclusion": one.conclusion,
        "created_at": text(one.created_at),
        "started_at": text(one.started_at or one.created_at),  # it says so of queued jobs too
        "completed_at": text(one.completed_at),
        "name": one.name,
        "workflow_name": one.run.file.removesuffix(".yml"),
        "labels": one.labels,
        "runner_id": one.runner and one.runner.id,
        "runner_name": one.runner and one.runner.name,
        "runner_group_id": one.runner and 1,
        "runner_group_name": one.runner and "Default",
        "steps": one.steps,
    }


def run(base, one):
    """`status` as the API filters by it."""
    ended = one.status == "completed"
    bad = next(
        (job.conclusion for job in one.current() if job.conclusion not in ("success", "skipped")), "success"
    )
    return {
        "id": one.id,
        "name": one.file.removesuffix(".yml"),
        "path": f".github/workflows/{one.file}",
        "display_title": one.title,
        "head_branch": one.branch,
        "head_sha": f"{one.id:040x}",
        "event": "push",
        "status": one.status,
        "conclusion": bad if ended else None,
        "run_attempt": one.attempt,
        "html_url": f"{base}/{one.repo.full_name}/actions/runs/{one.id}",
        "created_at": text(one.created_at),
        "actor": user(one.actor),
        "triggering_actor": user(one.actor),
    }


def group(number, one):
    told = {"id": number, "name": one["name"], "visibility": "all", "default": number == 1}
    return told | {"allows_public_repositories": one["public"]}


def runner(one):
    return {
        "id": one.id,
        "name": one.name,
        "os": "linux" if one.online else "unknown",
        "status": "online" if one.online else "offline",
        "busy": one.busy,
        "ephemeral": True,
        "runner_group_id": one.group,
        "labels": [
            {"id": place, "name": label, "type": "custom"} for place, label in enumerate(one.labels, 1)
        ],
    }


def hook(one):
    return {
        "id": one.id,
        "name": "web",
        "active": True,
        "events": one.events,
        "config": {"url": one.url, "content_type": "json", "insecure_ssl": "0", "secret": "********"},
    }


def installation(base, one):
    kind = "organizations/" + one.account.login if one.account.type == "Organization" else ""
    return {
        "id": one.id,
        "account": account(one.account),
        "app_id": one.app.id,
        "app_slug": one.app.slug,
        "target_id": one.account.id,
        "target_type": one.account.type,
        "repository_selection": "all" if one.repositories is None else "selected",
        "permissions": one.permissions,
        "events": one.app.manifest["default_events"],
        "html_url": f"{base}/{kind}/settings/installations/{one.id}",
        "suspended_at": text(one.suspended_at),
        "suspended_by": None,
    }


def app(base, one):
    return {
        "id": one.id,
        "slug": one.slug,
        "name": one.name,
        "client_id": one.client_id,
        "html_url": f"{base}/github-apps/{one.slug}",
        "permissions": one.manifest["default_permissions"],
        "events": one.manifest["default_events"],
    }


def delivery(one):
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": text(one.at),
        "redelivery": one.again,
        "duration": 0.27,
        "status": "OK" if one.status == 202 else f"Invalid HTTP Response: {one.status}",
        "status_code": one.status,
        "event": one.event,
        "action": one.payload.get("action"),
        "installation_id": (one.payload.get("installation") or {}).get("id"),
        "repository_id": (one.payload.get("repository") or {}).get("id"),
        "throttled_at": None,
    }
