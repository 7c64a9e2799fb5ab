"""The repositories of a Gitea, and one new file in one of them: what it takes to send a job there.

A link's token need not be able to write; whether it can was seen on 1.25.4: the scope is asked for before the
repository, so that one that can't be there tells them apart.
"""

from base64 import b64encode
from urllib.parse import quote

from tfci.forges.clients import gitea_shapes as shapes
from tfci.forges.clients.gitea_api import Api
from tfci.forges.clients.gitea_places import Place, repository
from tfci.forges.ports import Gone, Refused

MOST = 200  # repositories that are listed


def repositories(api: Api, place: Place) -> list[str]:
    """ "owner/name" of those that can take a file."""
    if place.level == "repo":
        return [place.name]
    found: list[str] = []
    for answer in api.pages(f"{place.path}/repos"):
        page = shapes.read(answer.body, list[shapes.ListedRepository])
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
