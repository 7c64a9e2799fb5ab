"""A guest's console, as it is kept and understood."""

from practice.grid.vms import console


def says(folder, text):
    with open(console.path_of(folder), "a") as file:
        file.write(text)


def test_each_start_has_one_of_its_own_and_the_last_one_s_is_kept(tmp_path):
    console.renew(tmp_path)
    says(tmp_path, "first")
    console.renew(tmp_path)
    assert not console.has_output(tmp_path)
    assert console.path_of(tmp_path).with_suffix(".old").read_text() == "first"


def test_the_agent_s_start_is_seen_also_at_the_end_of_the_firmware_s_line(tmp_path):
    console.renew(tmp_path)
    says(tmp_path, "Booting from ROM..")
    assert not console.begun(tmp_path)
    says(tmp_path, "farmhand: begin\r\n[agent] hello\r\n")
    assert console.begun(tmp_path)


def test_of_a_long_one_the_newest_is_kept(tmp_path):
    console.renew(tmp_path)
    says(tmp_path, "x" * console.LIMIT + "\nlast words")
    console.trim(tmp_path)
    old = console.path_of(tmp_path).with_suffix(".old").read_text()
    assert console.path_of(tmp_path).read_text() == ""
    assert old.endswith("last words") and len(old) == console.LIMIT // 2


def test_what_is_no_text_is_no_trouble(tmp_path):
    console.path_of(tmp_path).write_bytes(b"\xff\xfe\x00\n" + console.REFRESH.encode() + b"\n")
    assert console.lines(tmp_path)[-1] == console.REFRESH
