"""python -m tests.screens.sheet: all pictures on one page, var/screenshots/index.html."""

import html
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "var" / "screenshots"
STYLE = """
body { font: 14px system-ui, sans-serif; margin: 24px; background: #8884 }
section { display: flex; gap: 12px; align-items: flex-start; margin: 0 0 32px; overflow-x: auto }
h2 { font-size: 15px; margin: 0 0 8px }
a { display: block; max-height: 620px; overflow: hidden; box-shadow: 0 1px 6px #0006 }
.wide img { width: 640px } .phone img { width: 240px } img { display: block }
"""


def sheet(pictures):
    """One row a page and team: wide in both themes, then a phone's."""
    rows = groupby(sorted(pictures, key=order), key=lambda picture: picture.name.rsplit(".", 3)[0])
    body = "".join(
        f"<h2>{html.escape(name)}</h2><section>{''.join(map(frame, row))}</section>" for name, row in rows
    )
    return f'<!doctype html><html lang="en"><title>Every page</title><style>{STYLE}</style><body>{body}'


def order(picture):
    page, team, width, theme, _ = picture.name.rsplit(".", 4)
    return page, team != "full", width != "wide", theme != "light"


def frame(picture):
    width = picture.name.rsplit(".", 3)[1]
    image = f'<img loading="lazy" src="{picture.name}" alt="{picture.stem}">'
    return f'<a class="{width}" href="{picture.name}">{image}</a>'


def main():
    pictures = list(PLACE.glob("*.png"))
    (PLACE / "index.html").write_text(sheet(pictures))
    print(f"{len(pictures)} pictures: {PLACE / 'index.html'}")


if __name__ == "__main__":
    main()
