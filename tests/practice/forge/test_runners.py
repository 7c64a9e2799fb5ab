"""Runners in lists: online for a while after each call, busy by their last word, removable at any time."""

from tests.practice.forge.harness import a_place, one_job, until


def shown(place):
    return [(runner["status"], runner["busy"]) for runner in place.runners()]


def test_a_runner_is_offline_until_its_first_call(place):
    runner = place.runner("small")
    assert shown(place) == [("offline", False)]
    runner.fetch()
    assert shown(place) == [("online", False)]


def test_a_runner_is_busy_after_it_spoke_of_a_task(place):
    place.push(one_job())
    runner = place.runner("small")
    task = runner.fetch()
    assert shown(place) == [("online", False)]
    runner.beat(task)
    assert shown(place) == [("online", True)]


def test_a_runner_is_offline_again_after_a_minute_of_silence(own_forge):
    place = a_place(own_forge, "quiet")
    assert own_forge.control("GET", "/settings")["online_timeout"] == 60.0
    own_forge.control("PATCH", "/settings", {"online_timeout": 1.0})
    place.runner("small", ephemeral=False).fetch()
    assert shown(place) == [("online", False)]
    until(lambda: shown(place) == [("offline", False)])


def test_a_runner_entry_is_as_gitea_shows_it(place):
    runner = place.runner("small", "large", name="tfg-1")
    labels = [{"id": n, "name": name, "type": "custom"} for n, name in enumerate(("small", "large"))]
    state = {"status": "offline", "busy": False, "ephemeral": True}
    assert place.runners() == [{"id": runner.id, "name": "tfg-1", **state, "labels": labels}]
    one = place.get(f"/orgs/{place.org}/actions/runners/{runner.id}")
    assert one.json == place.runners()[0]


def test_names_need_not_be_unique(place):
    assert place.runner("a", name="same").id != place.runner("a", name="same").id


def test_a_busy_runner_can_be_deleted_and_its_job_stays_in_progress(place):
    job = place.push(one_job())[0]
    runner = place.runner("small")
    task = runner.fetch()
    path = f"/orgs/{place.org}/actions/runners/{runner.id}"
    assert place.forge.api("DELETE", path, token=place.token).status == 204
    assert place.runners() == []
    assert place.job(job["id"])["status"] == "in_progress"
    assert runner.beat(task).status == 500
    again = place.forge.api("DELETE", path, token=place.token)
    assert (again.status, again.json["message"]) == (404, "Runner not found")


def test_a_runner_of_another_organization_cannot_be_seen_or_removed(place, forge):
    theirs = a_place(forge, f"{place.org}x").runner("small")
    reply = forge.api("DELETE", f"/orgs/{place.org}/actions/runners/{theirs.id}", token=place.token)
    assert (reply.status, reply.json["message"]) == (404, "No permission to access this runner")


def test_a_job_that_nobody_speaks_of_fails_after_the_zombie_timeout(own_forge, receiver):
    place = a_place(own_forge, "silent")
    assert own_forge.control("GET", "/settings")["zombie_timeout"] == 600.0
    own_forge.control("PATCH", "/settings", {"zombie_timeout": 0.5})
    place.hook(receiver, "workflow_job")
    job = place.push(one_job())[0]
    runner = place.runner("small")
    runner.fetch()
    receiver.wait_for("completed/failure", job["id"])
    assert place.job(job["id"])["conclusion"] == "failure"
    assert place.runners() == []


def test_a_waiting_run_has_an_alert_until_somebody_offers_its_label(place):
    """The signpost: a lasting registration that only declares ends the alert, and never gets the job."""
    job = place.push(one_job("tfgrid-x"))[0]

    def alerts():
        runs = place.forge.control("GET", "/alerts")["runs"]
        return next(run["alerts"] for run in runs if run["run_id"] == job["run_id"])

    assert alerts() == ["No matching online runner with label: tfgrid-x"]
    signpost = place.runner(ephemeral=False, name="signpost")
    signpost.call("Declare", {"version": "1", "labels": ["tfgrid-y"]})
    assert alerts() == ["No matching online runner with label: tfgrid-x"]
    signpost.call("Declare", {"version": "1", "labels": ["tfgrid-y", "tfgrid-x"]})
    assert alerts() == []
    assert place.job(job["id"])["status"] == "queued"
    place.runner("tfgrid-x").run_one()
    assert place.job(job["id"])["conclusion"] == "success"
    assert [runner["name"] for runner in place.runners()] == ["signpost"]
