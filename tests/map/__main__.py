"""`make map`: write the parts of docs/design/ that are made from the source."""

import re

from tests.map.tree import ROOT, tree

LAYOUT = ROOT / "docs/design/layout.md"
FENCE = re.compile(r"(?<=<!-- made by `make map` -->\n```\n).*?(?=\n```)", re.S)


def main() -> None:
    LAYOUT.write_text(FENCE.sub(lambda _: tree(), LAYOUT.read_text(), count=1))


if __name__ == "__main__":
    main()
