"""`make messages`: write locale/farmhand.pot, the texts that translators translate."""

from tests.translation.extraction import ROOT, template_file

FILE = ROOT / "locale/farmhand.pot"


def main() -> None:
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(template_file())
    print(f"{FILE.relative_to(ROOT)}: {FILE.read_text().count('msgid ') - 1} texts")


if __name__ == "__main__":
    main()
