"""Concurrency groups, as Gitea from 1.26 keeps them: what is held back is shown as waiting."""

from tests.practice.forge.harness import a_place, one_job

BRANCHES = ("main", "other", "third")


def pushed(place, workflow):
    """The same workflow on three branches, the first of which a runner works on."""
    (first,) = place.push(workflow)
    runner = place.runner("small")
    task = runner.fetch()
    (second,) = place.push(workflow, new_branch="other")
    return runner, task, first, second


def test_a_job_waits_while_another_of_its_group_is_in_progress(place, receiver):
    place.hook(receiver, "workflow_job")
    runner, task, first, second = pushed(place, one_job(concurrency="deploy"))
    assert second["status"] == "waiting"
    assert place.runner("small").fetch() is None
    runner.end(task)
    assert place.job(second["id"])["status"] == "queued"
    receiver.wait_for("waiting", second["id"])
    receiver.wait_for("queued", second["id"])


def test_a_run_waits_while_another_of_its_group_is_in_progress(place):
    runner, task, first, second = pushed(place, "concurrency: site\n" + one_job())
    assert second["status"] == "waiting"
    place.cancel(first["run_id"])
    assert place.job(second["id"])["status"] == "queued"


def test_a_newcomer_takes_the_place_of_the_one_that_waits(place):
    _, _, first, second = pushed(place, one_job(concurrency="deploy"))
    (third,) = place.push(one_job(concurrency="deploy"), new_branch="third")
    assert [place.job(job["id"])["status"] for job in (first, second, third)] == [
        "in_progress",
        "completed",
        "waiting",
    ]
    assert place.job(second["id"])["conclusion"] == "cancelled"


def test_cancel_in_progress_stops_the_running_one(place):
    runner, task, first, second = pushed(
        place, one_job(concurrency="{group: deploy, cancel-in-progress: true}")
    )
    assert second["status"] == "queued"
    assert place.job(first["id"])["conclusion"] == "cancelled"
    assert runner.beat(task).status == 500


def test_groups_of_different_names_and_repositories_are_strangers(place):
    *_, second = pushed(place, one_job(concurrency="deploy-${{ github.ref_name }}"))
    assert second["status"] == "queued"


def test_groups_can_be_switched_off_as_in_gitea_1_25(own_forge):
    own_forge.control("PATCH", "/settings", {"concurrency": False})
    *_, second = pushed(a_place(own_forge, "plain"), one_job(concurrency="deploy"))
    assert second["status"] == "queued"
