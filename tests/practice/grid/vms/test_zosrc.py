"""What a machine is told: text that a shell sources."""

import subprocess

import pytest

from practice.grid.vms import zosrc


def test_a_shell_reads_each_value_as_it_is_and_nobody_else_reads_the_file(tmp_path):
    path = tmp_path / "zosrc"
    told = {"PLAIN": "http://10.0.2.100:8400", "ODD": '$(touch x) `id` "\\ #'}
    zosrc.write(path, told)
    assert path.stat().st_mode & 0o777 == 0o600
    said = subprocess.run(
        ["sh", "-c", f'. {path}; printf "%s|%s|%s" "$PLAIN" "$ODD" "$init"'], capture_output=True, text=True
    )
    assert said.stdout.split("|") == [*told.values(), zosrc.ENTRYPOINT]


@pytest.mark.parametrize("value", ["it's", "two\nlines", "a\0b"])
def test_a_value_that_would_end_its_quotes_is_refused_and_not_shown(tmp_path, value):
    with pytest.raises(ValueError, match="TOKEN") as caught:
        zosrc.write(tmp_path / "zosrc", {"TOKEN": value})
    assert value not in str(caught.value)
