"""The protocol `KeepsFiles`: workflows are read, and proposed on branches."""

from dataclasses import replace

import pytest

from tests.contracts.forges import does, eventually
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.ports import KeepsFiles


@does(KeepsFiles)
def test_a_file_that_is_proposed_runs_on_a_branch_of_its_own(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    repository = next(name for name in writer.repositories() if name == org.repository)
    assert writer.may_propose()
    workflow = '{"on": "push", "jobs": {"hello": {"runs-on": "small", "steps": [{"run": "echo hello"}]}}}'
    where = writer.propose(repository, "try-1", f"{org.folder}/try.yml", workflow, "Try it")
    assert where.endswith("/try-1")
    job = eventually(lambda: [job for job in writer.waiting_jobs() if job.branch == "try-1"])[0]
    assert job.labels == ("small",)


@does(KeepsFiles)
def test_a_branch_that_is_there_is_not_written_to(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    writer.propose(org.repository, "try-1", "one.txt", "one", "One")
    with pytest.raises(ForgeRefused):
        writer.propose(org.repository, "try-1", "two.txt", "two", "Two")


@does(KeepsFiles)
def test_a_token_that_may_only_read_repositories_proposes_nothing(org):
    reader = org.driver(token=org.token(["read:repository", "read:organization", "read:user"]))
    assert not reader.may_propose()
    with pytest.raises(ForgeRefused, match="lacks the scope"):
        reader.propose(org.repository, "try-1", "one.txt", "one", "One")


@does(KeepsFiles)
def test_workflows_are_read_and_replaced_in_a_pull_request(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    org.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    [file] = writer.workflows(org.repository)
    assert (file.path, "elsewhere" in file.text) == (f"{org.folder}/ci.yml", True)
    moved = replace(file, text=file.text.replace("elsewhere", "small"))
    where = writer.suggest(org.repository, "move-1", [moved], "Move", "To a machine of the grid.")
    assert where.startswith(org.forge.url) and "pull" in where
    job = eventually(lambda: [job for job in writer.waiting_jobs() if job.branch == "move-1"])[0]
    assert job.labels == ("small",)
    assert writer.workflows(org.repository) == [file]


@does(KeepsFiles)
def test_a_workflow_that_has_changed_meanwhile_is_not_replaced(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    org.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    [file] = writer.workflows(org.repository)
    org.push({"build": {"runs-on": "elsewhere"}, "test": {"runs-on": "elsewhere"}}, file="ci")
    with pytest.raises(ForgeRefused):
        writer.suggest(org.repository, "move-1", [file], "Move", "")


@does(KeepsFiles)
def test_a_token_that_may_only_read_suggests_nothing(org, driver):
    org.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    with pytest.raises(ForgeRefused):
        reader = org.driver(token=org.token(["read:repository", "read:organization", "read:user"]))
        reader.suggest(org.repository, "move-1", driver.workflows(org.repository), "Move", "")


@does(KeepsFiles)
def test_a_repository_may_have_no_workflows_or_not_be_there(org, driver):
    assert driver.workflows(org.repository) == []
    with pytest.raises(Gone):
        driver.workflows(f"{org.repository}-gone")
