"""Patches that git itself applies."""

import subprocess

import pytest
from hypothesis import given, strategies as some

from runners.connections.patch import Change, lines, patch

OLD = "".join(f"{n}\n" for n in range(20))


def applied(folder, change):
    """What git makes of the old text by our patch."""
    file = folder / change.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(change.old.encode())
    text = patch([change]).encode()
    if text:
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=text, check=True, timeout=30
        )
    return file.read_bytes().decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, OLD.replace("7\n", "seven\n")),
        (OLD, OLD.replace("1\n", "one\n")),
        (OLD[:-1], OLD[:-1].replace("19", "nineteen")),
        (OLD, OLD[:-1]),
        ("a\r\nb\r\n", "a\r\nc\r\n"),
        ("a\u2028b\x0c\nc\n", "a\u2028b\x0c\nd\n"),
        ("é\n", "è\n"),
    ],
)
def test_git_makes_the_new_text_of_the_old_one(tmp_path, old, new):
    assert applied(tmp_path, Change(".gitea/workflows/ci.yml", old, new)) == new


def test_what_stays_is_not_in_it_and_files_follow_each_other():
    text = patch([Change("a", OLD, OLD), Change("b", "1\n", "2\n"), Change("c", "1\n", "3\n")])
    assert "a/a" not in text
    assert text == "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-1\n+2\n--- a/c\n+++ b/c\n@@ -1 +1 @@\n-1\n+3\n"


TEXT = some.lists(some.sampled_from(["x", "y ", "", "z\r"]), max_size=8).map("\n".join)


@given(TEXT, TEXT)
def test_each_line_says_what_becomes_of_it(old, new):
    body = [line for line in lines(Change("f", old, new))[2:] if line[0] in " -+"]
    if old != new:
        kept = [line[1:] for line in body if line[0] in " +"]
        assert len(kept) <= new.count("\n") + 1
        assert {line[1:].rstrip("\n") for line in body if line[0] == "-"} <= set(old.split("\n"))
