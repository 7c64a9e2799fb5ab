"""The repositories of a Gitea and files in them: what it takes to send a job there, and to change workflows.

A link's token need not be able to write; whether it can was seen on 1.25.4: the scope is asked for before the
repository, so that one that can't be there tells them apart.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from urllib.parse import quote

from tfci.forges.clients import gitea_shapes as shapes
from tfci.forges.clients.gitea_api import Api
from tfci.forges.clients.gitea_places import Place, repository
from tfci.forges.ports import FileSeen, Gone, Refused

MOST = 200  # repositories that are listed
FILES, LARGEST = 50, 128 * 1024  # workflows that are read of one repository, and bytes of one
ENDINGS = (".yml", ".yaml")


def repositories(api: Api, place: Place) -> list[str]:
    """ "owner/name" of those that can take a file."""
    if place.level == "repo":
        return [place.name]
    found: list[str] = []
    for answer in api.pages(place.repositories):
        page = shapes.repositories(answer.body)
        found += [repo.full_name for repo in page if not (repo.empty or repo.archived)]
        if not page or len(found) >= MOST:
            break
    return found[:MOST]


def may_write(api: Api, place: Place) -> bool:
    """Whether the token has the scope to write to repositories."""
    try:
        api.call("POST", f"{place.probe}/contents/probe", json={"content": ""})
    except Gone:
        return True
    except Refused:
        return False
    return False


def propose(api: Api, place: Place, name: str, branch: str, path: str, text: str, message: str) -> str:
    """Commit one new file to a new branch, which begins where the default one ends; returns the branch's page."""
    if not may_write(api, place):
        raise Refused("The token lacks the scope write:repository, so nothing can be sent with it.")
    asked = {"content": b64encode(text.encode()).decode(), "message": message, "new_branch": branch}
    api.call("POST", f"{repository(name)}/contents/{quote(path)}", json=asked)
    return f"{api.url}/{quote(name)}/src/branch/{quote(branch)}"


def workflows(api: Api, name: str, folders: Sequence[str]) -> list[FileSeen]:
    """Those of the first of these folders that is there: a Gitea looks no further."""
    api.call("GET", repository(name))  # tells a repository that is not there from a folder
    for folder in folders:
        listed = _listed(api, name, folder)
        if listed is not None:
            asked = sorted(entry.path for entry in listed if _is_workflow(entry))
            return [_read(api, name, path) for path in asked[:FILES]]
    return []


def _listed(api: Api, name: str, folder: str) -> list[shapes.Entry] | None:
    try:
        return api.got("GET", f"{repository(name)}/contents/{quote(folder)}", list[shapes.Entry])
    except Gone:
        return None


def _is_workflow(entry: shapes.Entry) -> bool:
    return entry.type == "file" and entry.path.endswith(ENDINGS) and entry.size <= LARGEST


def _read(api: Api, name: str, path: str) -> FileSeen:
    """What is no UTF-8 comes with marks, so that nobody takes it for something to change."""
    entry = api.got("GET", f"{repository(name)}/contents/{quote(path)}", shapes.Entry)
    text = b64decode(entry.content or "").decode(errors="replace")
    return FileSeen(entry.path, text, entry.sha)


def suggest(
    api: Api, place: Place, name: str, branch: str, files: Sequence[FileSeen], title: str, text: str
) -> str:
    """All files in one commit, so that one push starts what they start."""
    if not may_write(api, place):
        raise Refused("The token lacks the scope write:repository, so nothing can be sent with it.")
    base = api.got("GET", repository(name), shapes.RepositorySeen).default_branch
    changed = [_changed(file) for file in files]
    asked = {"files": changed, "branch": base, "new_branch": branch, "message": f"{title}\n\n{text}"}
    api.call("POST", f"{repository(name)}/contents", json=asked)
    request = {"head": branch, "base": base, "title": title, "body": text}
    return shapes.link(api.got("POST", f"{repository(name)}/pulls", shapes.Pull, json=request).html_url)


def _changed(file: FileSeen) -> dict[str, str]:
    content = b64encode(file.text.encode()).decode()
    return {"operation": "update", "path": file.path, "sha": file.revision, "content": content}
