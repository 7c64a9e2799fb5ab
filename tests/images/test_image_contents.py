"""What image.toml names: the same list for both builders, and nothing that was tampered with."""

import hashlib
import io
import re
import tarfile
from datetime import UTC, datetime

import contents
import pytest

from tests.images.programs import IMAGES

MACHINE = IMAGES / "machine"


def a_program(folder, name, version, more=b""):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"#!/bin/sh\necho {name} version v{version}\nexit\n".encode() + more)
    path.chmod(0o755)
    return path


def test_each_package_has_its_reason():
    for name, why in contents.packages("debian").items():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) and why, name


def test_ubuntu_has_the_same_packages_by_its_own_names():
    debian, ubuntu = contents.packages("debian"), contents.packages("ubuntu")
    renamed = contents.definition()["ubuntu"]["names"]
    assert renamed.keys() <= debian.keys()
    assert ubuntu.keys() == debian.keys() - renamed.keys() | set(filter(None, renamed.values()))
    assert ubuntu["libicu74"] == debian["libicu76"]


def test_each_engine_says_what_may_be_done_with_it_and_where_it_comes_from():
    engines = contents.definition()["engines"]
    assert engines.keys() == {"gitea", "forgejo", "woodpecker", "github"}
    for known in engines.values():
        assert known["licence"] and known["source"].startswith("https://") and known["programs"]


def test_an_engine_is_told_with_what_it_says_of_itself(tmp_path):
    a_program(tmp_path, "act_runner", "0.2.13", b"\nbuild\tvcs.time=2025-10-01T08:00:00Z\n")
    [(path, facts)] = contents.engines(tmp_path)
    assert path == tmp_path / "act_runner"
    assert facts == {
        "engine": "gitea",
        "program": "act_runner",
        "version": "0.2.13",
        "released": "2025-10-01",
        "licence": "MIT",
        "source": "https://gitea.com/gitea/act_runner",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def test_an_engine_of_the_pinned_release_has_its_day(tmp_path):
    release = contents.definition()["engines"]["github"]["release"]
    a_program(tmp_path, "actions-runner/bin/Runner.Listener", release["version"])
    [(_, facts)] = contents.engines(tmp_path)
    assert (facts["engine"], facts["released"]) == ("github", release["released"])


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 1\n", "no program at all"])
def test_an_engine_that_does_not_answer_has_an_unknown_version(tmp_path, text):
    path = a_program(tmp_path, "forgejo-runner", "12")
    path.write_text(text)
    [(_, facts)] = contents.engines(tmp_path)
    assert (facts["version"], facts["released"]) == ("unknown", None)


def test_a_download_that_is_not_what_was_pinned_is_refused(tmp_path):
    file = tmp_path / "release"
    file.write_bytes(b"what was released")
    release = {"address": file.as_uri(), "sha256": hashlib.sha256(b"what was released").hexdigest()}
    assert contents.fetched(release) == b"what was released"
    file.write_bytes(b"something else")
    with pytest.raises(SystemExit, match="checksum"):
        contents.fetched(release)


def test_a_download_becomes_a_folder_or_a_program(tmp_path):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("run.sh"))
    contents.install(archive.getvalue(), tmp_path / "actions-runner")
    assert (tmp_path / "actions-runner/run.sh").is_file()
    contents.install(b"\x7fELF", tmp_path / "act_runner")
    assert (tmp_path / "act_runner").stat().st_mode & 0o777 == 0o755


def test_what_an_image_says_of_itself_fits_into_a_claim():
    said = contents.image("ubuntu", [], datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    assert said["built_at"] == "2026-11-24T08:00:00Z"
    assert said["base"] == {"distribution": "ubuntu", "release": "24.04"}


def test_the_dockerfile_copies_what_is_there_and_installs_the_list():
    dockerfile = (MACHINE / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.M)
    assert copied
    for pattern in " ".join(copied).split():
        assert list(IMAGES.glob(pattern)), pattern
    assert "contents.py packages ubuntu" in dockerfile and "$(cat /packages)" in dockerfile
    release = contents.definition()["ubuntu"]["release"]
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.M)) == {f"ubuntu:{release}"}


def test_both_builders_lay_the_same_programs_out():
    dockerfile = (MACHINE / "Dockerfile").read_text()
    copied = " ".join(re.findall(r"^COPY (?!--)(.+) /opt/farmhand/", dockerfile, re.M)).split()
    theirs = {path.name for pattern in copied for path in IMAGES.glob(pattern)}
    ours = {path.name for path in IMAGES.iterdir()} - {"machine", "README.md", "__pycache__"}
    assert theirs == ours
