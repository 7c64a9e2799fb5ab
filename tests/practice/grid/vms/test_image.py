"""Where images are looked for."""

import pytest

from practice.grid.vms import image


@pytest.fixture
def built():
    def build(images, name="first"):
        folder = images / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text('{"hash": "h"}')
        (images / "current").unlink(missing_ok=True)
        (images / "current").symlink_to(name)
        return images

    return build


@pytest.fixture(autouse=True)
def shared(monkeypatch, tmp_path):
    monkeypatch.setattr(image, "SHARED", tmp_path / "shared")
    return tmp_path / "shared"


def test_a_user_s_own_is_taken_before_the_shared_one(built, shared, tmp_path):
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert image.folder(environment) is None
    assert built(shared) == image.folder(environment) == shared
    assert built(tmp_path / "cache/farmhand/machines") == image.folder(environment)


def test_the_one_that_is_named_is_the_only_one(built, shared, tmp_path):
    built(shared)
    environment = {"FARMHAND_MACHINES": str(tmp_path / "mine")}
    assert image.folder(environment) is None
    assert built(tmp_path / "mine") == image.folder(environment)


def test_a_later_build_does_not_change_the_one_that_was_taken(built, tmp_path):
    images = built(tmp_path / "images")
    taken = image.newest(images)
    built(images, "second")
    assert taken.root.parent.name == "first" and image.newest(images).root.parent.name == "second"
    assert taken.hash == "h"
