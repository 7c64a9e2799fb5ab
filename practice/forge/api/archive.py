"""All files of a commit in one, as Gitea packs them for everybody who may read the repository."""

import gzip
import io
import tarfile

from practice.forge import repos
from practice.forge.api.door import door
from practice.forge.api.people import repository_of
from practice.forge.faults import not_found
from practice.forge.store import Row
from practice.forge.web import Answer, Request

ENDING = ".tar.gz"


@door.route("GET", "/repos/{owner}/{repo}/archive/{archive}", ("repository",))
def archive(request: Request) -> Answer:
    """Of the newest commit of a branch, by its id or by the branch's name: older files are not kept."""
    repo, wanted = repository_of(request), request.params["archive"]
    sql = "SELECT name FROM branch WHERE repo_id = ? AND ? IN (sha || ?, name || ?)"
    branch = request.store.value(sql, repo["id"], wanted, ENDING, ENDING)
    if branch is None:
        raise not_found()
    packed = _packed(repo["name"], repos.files(request.store, repo, branch))
    return Answer(200, gzip.compress(packed), "application/gzip")


def _packed(folder: str, files: list[Row]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in files:
            entry = tarfile.TarInfo(f"{folder}/{file['path']}")
            entry.size = len(file["content"])
            archive.addfile(entry, io.BytesIO(file["content"]))
    return packed.getvalue()
