"""The practice forge's postman rests while there is nothing to send."""

import time

from practice.forge.store import Store
from practice.forge.webhooks.postman import REST, Postman
from tests.practice.forge.harness import until


def test_it_looks_again_when_something_is_written_and_not_before(tmp_path, monkeypatch):
    looks = []
    store = Store(tmp_path / "forge.sqlite3", "http://127.0.0.1")
    monkeypatch.setattr(Postman, "_next", lambda postman, now: looks.append(now))
    postman = Postman(store)
    postman.start()
    try:
        until(lambda: looks)
        time.sleep(10 * REST)
        assert len(looks) == 1
        store.insert("setting", name="seen", value="1")
        until(lambda: len(looks) == 2)
    finally:
        postman.end()
