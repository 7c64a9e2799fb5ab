"""Pages to read, with a few buttons: repositories, runs, jobs with their log. Whoever comes is the owner."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from practice.forge import accounts, cancels, jobs, pushes, repos, runs, settings, tasks, workflows
from practice.forge.examples import EXAMPLES
from practice.forge.faults import Fault
from practice.forge.pages.layout import badge, clock, labels, page, redirect
from practice.forge.pages.markup import Html, html, joined
from practice.forge.repos import Change
from practice.forge.shapes.runs import branch_of
from practice.forge.statuses import FINAL
from practice.forge.store import Row, Store
from practice.forge.web import Answer, Door, Request

STYLE = Path(__file__).with_name("pages.css")
SHOWN_RUNS = 50


def _same_site(request: Request) -> None:
    """A form of another site must not push or cancel here."""
    origin = request.headers.get("origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Fault(403, "This form came from another site, so nothing was done.")


def _refuse(request: Request, fault: Fault) -> Answer:
    body = html("<h1>{}</h1><p>{}</p>", f"{fault.status}", fault.message or "Something went wrong.")
    return page("Not so", body, status=fault.status)


def _allow(request: Request, terms: None) -> None:
    """Everybody may read, and act as the repository's owner."""


door = Door("", _same_site, _refuse, _allow)
REPO = "/{owner}/{repo}"
RUN = f"{REPO}/actions/runs/{{number}}"


@door.route("GET", "/style.css")
def style(request: Request) -> Answer:
    return Answer(200, STYLE.read_bytes(), "text/css; charset=utf-8", {"Cache-Control": "max-age=60"})


@door.route("GET", "/")
def home(request: Request) -> Answer:
    rows = [_repo_line(request.store, repo) for repo in request.store.rows("repo", "1")]
    version = settings.value(request.store, "version")
    body = html(
        "<h1>Practice forge</h1><p>Behaves as Gitea {} does, as far as a runner service can see. "
        "Push a workflow, and watch who takes its jobs.</p>"
        "<table><tr><th>Repository</th><th>Runs</th><th>Last run</th></tr>{}</table>",
        version, joined(rows),
    )  # fmt: skip
    return page("Practice forge", body)


def _repo_line(store: Store, repo: Row) -> Html:
    name = repos.full_name(store, repo)
    last = store.one("SELECT * FROM run WHERE repo_id = ? ORDER BY id DESC LIMIT 1", repo["id"])
    state = badge(last["status"]) if last else ""
    return html(
        '<tr><td><a href="/{}">{}</a></td><td>{}</td><td>{}</td></tr>', name, name, repo["runs"], state
    )


@door.route("GET", REPO)
def repository(request: Request) -> Answer:
    store, repo = request.store, repo_of(request)
    name = repos.full_name(store, repo)
    newest = store.rows("run", "repo_id = ? AND number > ?", repo["id"], repo["runs"] - SHOWN_RUNS)[::-1]
    lines = joined(_run_line(request, name, run) for run in newest)
    table = html(
        "<table><tr><th>Run</th><th>Workflow</th><th>Branch</th><th>Jobs</th><th>Queued (UTC)</th><th></th>"
        "</tr>{}</table>",
        lines,
    )
    body = html(
        '<h1>{}</h1><p><a href="/{}/push">Push an example workflow</a></p>'
        "<h2>Workflows</h2>{}<h2>Runs</h2>{}",
        name, name, _workflows(store, repo), table if newest else html("<p>None yet.</p>"),
    )  # fmt: skip
    return page(name, body, ("/", "Repositories"), live=any(run["status"] not in FINAL for run in newest))


@door.route("GET", f"{REPO}/push")
def push_form(request: Request) -> Answer:
    """A page of its own: one that loads itself again would empty the form."""
    name = repos.full_name(request.store, repo_of(request))
    options = joined(
        html('<option value="{}">{}</option>', key, example.title) for key, example in EXAMPLES.items()
    )
    body = html(
        '<h1>Push an example workflow</h1><form method="post" action="/{}/push">'
        '<label>Workflow <select name="example">{}</select></label> '
        '<label>runs-on <input name="label" value="tfgrid" required></label> <button>Push</button></form>',
        name, options,
    )  # fmt: skip
    return page("Push", body, (f"/{name}", name))


def _workflows(store: Store, repo: Row) -> Html:
    files = pushes.workflow_files(store, repo, repo["default_branch"])
    if not files:
        return html("<p>None yet. They are files in <code>{}</code>.</p>", workflows.FOLDER)
    return html("<ul>{}</ul>", joined(_workflow(file) for file in files))


def _workflow(file: Row) -> Html:
    try:
        workflows.parse(file["content"].decode("utf-8", "replace"))
    except workflows.Invalid as error:
        return html('<li><code>{}</code> <span class="alert">{}</span></li>', file["path"], error)
    return html("<li><code>{}</code></li>", file["path"])


def _run_line(request: Request, name: str, run: Row) -> Html:
    states = joined((badge(job["status"]) for job in jobs.of_run(request.store, run["id"])), " ")
    return html(
        '<tr><td><a href="{path}">#{number} {title}</a>{alerts}</td><td>{workflow}</td><td>{branch}</td>'
        "<td>{states}</td><td>{created}</td><td>{buttons}</td></tr>",
        path=_run_path(name, run), number=run["number"], title=run["title"], alerts=_alerts(request, run),
        workflow=run["workflow"], branch=branch_of(run["ref"]), states=states, created=clock(run["created"]),
        buttons=_buttons(name, run),
    )  # fmt: skip


def _alerts(request: Request, run: Row) -> Html:
    found = runs.alerts(request.store, run, request.now) if run["status"] not in FINAL else []
    return joined(html('<div class="alert">{}</div>', alert) for alert in found)


def _buttons(name: str, run: Row) -> Html:
    what = "rerun" if run["status"] in FINAL else "cancel"
    word = "Run again" if what == "rerun" else "Cancel"
    path = f"{_run_path(name, run)}/{what}"
    return html('<form method="post" action="{}"><button>{}</button></form>', path, word)


def _run_path(name: str, run: Row) -> str:
    return f"/{name}/actions/runs/{run['number']}"


@door.route("GET", RUN)
def one_run(request: Request) -> Answer:
    store, run = request.store, _run(request)
    name = repos.full_name(store, repo_of(request))
    lines = joined(_job_line(store, name, run, job) for job in jobs.of_run(store, run["id"]))
    body = html(
        "<h1>#{} {}</h1><p>{} {} on {}, {} {}</p>{}"
        "<table><tr><th>Job</th><th>State</th><th>runs-on</th><th>Runner</th><th>Attempt</th>"
        "<th>Started (UTC)</th><th>Took</th></tr>{}</table>",
        run["number"], run["title"], badge(run["status"]), run["workflow"], branch_of(run["ref"]),
        run["sha"][:10], _buttons(name, run), _alerts(request, run), lines,
    )  # fmt: skip
    return page(f"#{run['number']}", body, (f"/{name}", name), live=run["status"] not in FINAL)


def _job_line(store: Store, name: str, run: Row, job: Row) -> Html:
    task = store.get("task", job["task_id"])
    took = f"{job['stopped'] - job['started']:.0f} s" if job["started"] and job["stopped"] else ""
    return html(
        '<tr><td><a href="{}/jobs/{}">{}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>'
        "<td>{}</td></tr>",
        _run_path(name, run), job["position"], job["name"], badge(job["status"]), labels(job),
        task["runner_name"] if task else "", job["attempt"], clock(job["started"]), took,
    )  # fmt: skip


@door.route("GET", f"{RUN}/jobs/{{position}}")
def one_job(request: Request) -> Answer:
    store, run = request.store, _run(request)
    position = request.params["position"]
    job = next((job for job in jobs.of_run(store, run["id"]) if str(job["position"]) == position), None)
    if job is None:
        raise Fault(404, "This run has no such job.")
    log = tasks.log_text(store, job["task_id"])
    body = html(
        "<h1>{}</h1><p>{} {}</p>{}",
        job["name"], badge(job["status"]), labels(job),
        html("<pre>{}</pre>", log) if log else html("<p>No log yet.</p>"),
    )  # fmt: skip
    up = (_run_path(repos.full_name(store, repo_of(request)), run), f"Run #{run['number']}")
    return page(job["name"], body, up, live=job["status"] not in FINAL)


@door.route("POST", f"{REPO}/push")
def push(request: Request) -> Answer:
    store, repo = request.store, repo_of(request)
    form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    example, label = EXAMPLES.get(form.get("example", "")), form.get("label", "").strip()
    if example is None or not label or "\n" in label:
        raise Fault(422, "Choose an example and write a label.")
    path = f"{workflows.FOLDER}/{form['example']}.yml"
    text = example.workflow(path, label if label.startswith("[") else json.dumps(label))
    change = Change("upload", path, text.encode())
    message = f"Try the {form['example']} example on {label}\n"
    pushes.push(store, repo, repo["default_branch"], [change], message, owner_of_all(store), request.now)
    return redirect(f"/{repos.full_name(store, repo)}")


@door.route("POST", f"{RUN}/cancel")
def cancel(request: Request) -> Answer:
    run = _run(request)
    cancels.cancel(request.store, run, request.now)
    return redirect(_run_path(repos.full_name(request.store, repo_of(request)), run))


@door.route("POST", f"{RUN}/rerun")
def rerun(request: Request) -> Answer:
    run = _run(request)
    runs.rerun(request.store, run, request.now)
    return redirect(_run_path(repos.full_name(request.store, repo_of(request)), run))


def owner_of_all(store: Store) -> Row:
    """The first user of the forge, in whose name the pages act."""
    return accounts.named_id(store, store.value("SELECT MIN(id) FROM account WHERE kind = 'user'"))


def repo_of(request: Request) -> Row:
    return repos.named(request.store, request.params["owner"], request.params["repo"])


def _run(request: Request) -> Row:
    sql = "SELECT * FROM run WHERE repo_id = ? AND number = ?"
    run = request.store.one(sql, repo_of(request)["id"], request.params["number"])
    if run is None:
        raise Fault(404, "There is no such run.")
    return run
