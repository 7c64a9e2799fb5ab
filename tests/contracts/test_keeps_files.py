"""The protocol `KeepsFiles`: workflows are read, and proposed on branches."""

from dataclasses import replace

import pytest

from tests.contracts.forges import eventually, implements
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.ports.forge import KeepsFiles


@implements(KeepsFiles)
def test_a_file_that_is_proposed_runs_on_a_branch_of_its_own(connection):
    writer = connection.driver(token=connection.token([*connection.scopes, connection.writing]))
    repository = next(name for name in writer.repositories() if name == connection.repository)
    assert writer.may_propose()
    workflow = '{"on": "push", "jobs": {"hello": {"runs-on": "small", "steps": [{"run": "echo hello"}]}}}'
    where = writer.propose(repository, "try-1", f"{connection.folder}/try.yml", workflow, "Try it")
    assert where.endswith("/try-1")
    job = eventually(lambda: [job for job in writer.waiting_jobs() if job.branch == "try-1"])[0]
    assert job.labels == ("small",)


@implements(KeepsFiles)
def test_a_branch_that_is_there_is_not_written_to(connection):
    writer = connection.driver(token=connection.token([*connection.scopes, connection.writing]))
    writer.propose(connection.repository, "try-1", "one.txt", "one", "One")
    with pytest.raises(ForgeRefused):
        writer.propose(connection.repository, "try-1", "two.txt", "two", "Two")


@implements(KeepsFiles)
def test_a_token_that_may_only_read_repositories_proposes_nothing(connection):
    reader = connection.driver(token=connection.token(["read:repository", "read:organization", "read:user"]))
    assert not reader.may_propose()
    with pytest.raises(ForgeRefused, match="lacks the scope"):
        reader.propose(connection.repository, "try-1", "one.txt", "one", "One")


@implements(KeepsFiles)
def test_workflows_are_read_and_replaced_in_a_pull_request(connection):
    writer = connection.driver(token=connection.token([*connection.scopes, connection.writing]))
    connection.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    [file] = writer.workflows(connection.repository)
    assert (file.path, "elsewhere" in file.text) == (f"{connection.folder}/ci.yml", True)
    moved = replace(file, text=file.text.replace("elsewhere", "small"))
    where = writer.suggest(connection.repository, "move-1", [moved], "Move", "To a VM of the grid.")
    assert where.startswith(connection.forge.url) and "pull" in where
    job = eventually(lambda: [job for job in writer.waiting_jobs() if job.branch == "move-1"])[0]
    assert job.labels == ("small",)
    assert writer.workflows(connection.repository) == [file]


@implements(KeepsFiles)
def test_a_workflow_that_has_changed_meanwhile_is_not_replaced(connection):
    writer = connection.driver(token=connection.token([*connection.scopes, connection.writing]))
    connection.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    [file] = writer.workflows(connection.repository)
    connection.push({"build": {"runs-on": "elsewhere"}, "test": {"runs-on": "elsewhere"}}, file="ci")
    with pytest.raises(ForgeRefused):
        writer.suggest(connection.repository, "move-1", [file], "Move", "")


@implements(KeepsFiles)
def test_a_token_that_may_only_read_suggests_nothing(connection, driver):
    connection.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    with pytest.raises(ForgeRefused):
        reader = connection.driver(
            token=connection.token(["read:repository", "read:organization", "read:user"])
        )
        reader.suggest(connection.repository, "move-1", driver.workflows(connection.repository), "Move", "")


@implements(KeepsFiles)
def test_a_repository_may_have_no_workflows_or_not_be_there(connection, driver):
    assert driver.workflows(connection.repository) == []
    with pytest.raises(Gone):
        driver.workflows(f"{connection.repository}-gone")
