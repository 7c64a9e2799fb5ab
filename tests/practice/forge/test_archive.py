"""All files of a commit in one."""

import io
import tarfile

import pytest


def archive(place, name, **how):
    return place.forge.api("GET", f"{place.repo}/archive/{name}", **how)


def test_it_has_the_files_of_the_newest_commit_by_branch_or_id(place):
    sha = place.write({"docs/note.txt": "hello\n"}).json["commit"]["sha"]
    for name in ("main", sha):
        with tarfile.open(fileobj=io.BytesIO(archive(place, f"{name}.tar.gz").raw)) as packed:
            assert packed.extractfile("app/docs/note.txt").read() == b"hello\n"


@pytest.mark.parametrize("name", ["main.zip", "other.tar.gz", "main"])
def test_of_anything_else_there_is_none(place, name):
    assert archive(place, name).status == 404


def test_strangers_get_none_of_a_private_repository(place):
    place.forge.control("POST", "/repos", {"owner": place.org, "name": "secret", "private": True})
    path = f"/repos/{place.org}/secret/archive/main.tar.gz"
    assert place.forge.api("GET", path).status == 404
    assert place.forge.api("GET", path, token=place.token).status == 200
