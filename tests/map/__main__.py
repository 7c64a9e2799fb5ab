"""`make map`: write the tree, the picture and the page of reasons that are made from the source."""

import re

from django.conf import settings

from tests.map.drawing import svg
from tests.map.imports import PICTURE, read
from tests.map.reasons import page
from tests.map.tree import ROOT, tree

REASONS = ROOT / "docs/reasons.md"
LAYOUT = ROOT / "docs/design/layout.md"
FENCE = re.compile(r"(?<=<!-- made by `make map` -->\n```\n).*?(?=\n```)", re.S)


def main() -> None:
    settings.configure(USE_I18N=False)  # reasons become sentences, in English
    LAYOUT.write_text(FENCE.sub(lambda _: tree(), LAYOUT.read_text(), count=1))
    PICTURE.write_text(svg(read()))
    REASONS.write_text(page())


if __name__ == "__main__":
    main()
