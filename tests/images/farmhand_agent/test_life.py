"""What the agent says of its machine when it claims it, and how it leaves."""

import contextlib

import pytest

from farmhand_agent import life


@pytest.mark.parametrize(
    "text, said",
    [('{"built_at": "2026-11-24"}', {"built_at": "2026-11-24"}), ("no JSON", None), (None, None)],
)
def test_what_the_image_says_of_itself_is_told(tmp_path, monkeypatch, text, said):
    monkeypatch.setattr(life, "HERE", str(tmp_path))
    if text:
        (tmp_path / "image.json").write_text(text)
    assert life.about_image() == said


def test_it_leaves_even_where_python_dropped_the_exit(tmp_path, monkeypatch):
    """As it does with one that comes in the middle of an import."""
    agent = life.Agent(None, "token", str(tmp_path))

    def claim():
        with contextlib.suppress(SystemExit):
            agent.leave()

    monkeypatch.setattr(life.signal, "signal", lambda *_: None)
    monkeypatch.setattr(life, "become_subreaper", lambda: None)
    monkeypatch.setattr(agent, "claim", claim)
    monkeypatch.setattr(agent, "next_order", lambda: pytest.fail("it asked for an order"))
    monkeypatch.setattr(agent.reports, "run", lambda: None)
    assert agent.run() == 0
