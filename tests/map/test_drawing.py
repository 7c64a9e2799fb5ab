"""The drawn map of the packages is what `make map` draws of today's imports, and its page names what is there."""

import re

import pytest

from tests.map.drawing import svg
from tests.map.imports import PICTURE, ROOT, read, rising


@pytest.fixture(scope="module")
def packages():
    return read()


def test_the_map_is_up_to_date(packages):
    assert PICTURE.read_text() == svg(packages), "draw it anew: make map"


def test_each_arrow_leads_down(packages):
    assert rising(packages) == []


def test_the_map_has_each_package_once(packages):
    names = [name for layer in packages.layers for name in layer]
    assert len(names) == len(set(names))
    assert {"billing", "tfci.core", "runners.vms", "practice"} <= set(names)


def test_an_import_that_follows_from_others_has_no_arrow(packages):
    assert ("runners.web", "runners.vms") not in packages.imports


def test_the_page_names_each_package_and_files_that_are_there(packages):
    page = (ROOT / "docs/design/architecture.md").read_text()
    names = {name for layer in packages.layers for name in layer} - {"tfci"}
    assert {name for name in names if f"`{name}`" not in page} == set()
    paths = re.findall(r"`([a-z_]+/[\w/.]*)`", page)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []
