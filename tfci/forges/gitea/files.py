"""The repositories of a Gitea and files in them, for sending a test job and for changing workflows.

A connection's token need not be able to write. Gitea checks the scope before the repository (verified with 1.25.4), so
that a repository that can't exist shows whether the token has it.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from urllib.parse import quote

from tfci.forges import texts
from tfci.forges.actions import paths
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.facts import FileSeen
from tfci.forges.gitea import schemas as shapes
from tfci.forges.gitea.api import GiteaApi
from tfci.forges.gitea.scopes import GiteaPlace

MAX_REPOSITORIES = 200  # repositories that are listed
MAX_FILES, MAX_SIZE = 50, 128 * 1024  # workflows that are read of one repository, and bytes of one
ENDINGS = (".yml", ".yaml")


class Files:
    """The part of a client of Gitea's kind that reads and writes repositories."""

    folders: Sequence[str]  # of workflows: the first that is there counts, a Gitea looks no further
    _api: GiteaApi
    _place: GiteaPlace

    def repositories(self) -> list[str]:
        """At most 200, without those that are empty or archived."""
        if self._place.level == "repo":
            return [self._place.name]
        found: list[str] = []
        for answer in self._api.pages(self._place.repositories):
            page = shapes.repositories(answer.body)
            found += [repo.full_name for repo in page if not (repo.empty or repo.archived)]
            if not page or len(found) >= MAX_REPOSITORIES:
                break
        return found[:MAX_REPOSITORIES]

    def may_propose(self) -> bool:
        """Whether the token has the scope to write to repositories."""
        return may_write(self._api, self._place)

    def propose(self, repository: str, branch: str, path: str, text: str, message: str) -> str:
        """Commit one new file to a new branch, which begins where the default one ends; returns the branch's page."""
        self._need_to_write()
        body = {"content": b64encode(text.encode()).decode(), "message": message, "new_branch": branch}
        self._api.call("POST", f"{paths.repository(repository)}/contents/{quote(path)}", json=body)
        return f"{self._api.url}/{quote(repository)}/src/branch/{quote(branch)}"

    def workflows(self, repository: str) -> list[FileSeen]:
        self._api.call(
            "GET", paths.repository(repository)
        )  # tells a repository that is not there from a folder
        for folder in self.folders:
            listed = self._folder(repository, folder)
            if listed is not None:
                workflow_paths = sorted(entry.path for entry in listed if _is_workflow(entry))
                return [self._file(repository, path) for path in workflow_paths[:MAX_FILES]]
        return []

    def suggest(self, repository: str, branch: str, files: Sequence[FileSeen], title: str, text: str) -> str:
        """All files in one commit, so that one push starts what they start."""
        self._need_to_write()
        base = self._api.fetch("GET", paths.repository(repository), shapes.RepositorySeen).default_branch
        changed = [_update(file) for file in files]
        body = {"files": changed, "branch": base, "new_branch": branch, "message": f"{title}\n\n{text}"}
        self._api.call("POST", f"{paths.repository(repository)}/contents", json=body)
        request = {"head": branch, "base": base, "title": title, "body": text}
        pull = self._api.fetch("POST", f"{paths.repository(repository)}/pulls", shapes.Pull, json=request)
        return texts.link(pull.html_url)

    def _need_to_write(self) -> None:
        if not self.may_propose():
            raise ForgeRefused("The token lacks the scope write:repository, so nothing can be sent with it.")

    def _folder(self, repository: str, folder: str) -> list[shapes.FolderEntry] | None:
        path = f"{paths.repository(repository)}/contents/{quote(folder)}"
        try:
            return self._api.fetch("GET", path, list[shapes.FolderEntry])
        except Gone:
            return None

    def _file(self, repository: str, path: str) -> FileSeen:
        """Invalid UTF-8 is replaced by marks, so that such a file is not changed."""
        entry = self._api.fetch(
            "GET", f"{paths.repository(repository)}/contents/{quote(path)}", shapes.FolderEntry
        )
        text = b64decode(entry.content or "").decode(errors="replace")
        return FileSeen(entry.path, text, entry.sha)


def may_write(api: GiteaApi, place: GiteaPlace) -> bool:
    """Whether the token has the scope to write to repositories."""
    try:
        api.call("POST", f"{place.probe}/contents/probe", json={"content": ""})
    except Gone:
        return True
    except ForgeRefused:
        return False
    return False


def _is_workflow(entry: shapes.FolderEntry) -> bool:
    return entry.type == "file" and entry.path.endswith(ENDINGS) and entry.size <= MAX_SIZE


def _update(file: FileSeen) -> dict[str, str]:
    content = b64encode(file.text.encode()).decode()
    return {"operation": "update", "path": file.path, "sha": file.revision, "content": content}
