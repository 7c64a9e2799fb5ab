"""Where things are in the REST API that Gitea, Forgejo and GitHub share."""

from urllib.parse import quote

REGISTRATION = (
    "/actions/runners/registration-token"  # below an organization's, a user's or a repository's path
)


def repository(name: str) -> str:
    """The path of "owner/name"."""
    owner, _, repo = name.partition("/")
    return f"/repos/{quote(owner, safe='')}/{quote(repo, safe='')}"


def run(name: str, run_id: str) -> str:
    return f"{repository(name)}/actions/runs/{quote(run_id, safe='')}"


def job(name: str, job_id: str) -> str:
    return f"{repository(name)}/actions/jobs/{quote(job_id, safe='')}"
