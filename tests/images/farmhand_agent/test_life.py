"""What the agent says of its machine when it claims it."""

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
