import pytest

from practice.grid.journal import Journal


@pytest.fixture
def opened(tmp_path):
    """Opens the journal, again and again."""
    journals = []

    def open_it():
        journals.append(Journal(tmp_path / "journal.jsonl"))
        return journals[-1]

    yield open_it
    for journal in journals:
        journal.close()


def test_what_was_written_is_read_in_order(opened):
    journal = opened()
    for number in range(3):
        journal.append({"event": "tick", "at": number})
    journal.sync()
    assert [event["at"] for event in journal.read()] == [0, 1, 2]


def test_it_goes_on_where_it_ended(opened):
    opened().append({"at": 1})
    again = opened()
    again.append({"at": 2})
    assert list(again.read()) == [{"at": 1}, {"at": 2}]


def test_a_line_that_a_crash_tore_is_cut_away(opened, tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"at":1}\n{"at":')
    journal = opened()
    journal.append({"at": 2})
    assert list(journal.read()) == [{"at": 1}, {"at": 2}]


def test_a_file_with_nothing_but_a_torn_line_is_empty(opened, tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"event":"beg')
    assert list(opened().read()) == []
