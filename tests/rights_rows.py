"""The tables of tests/rights.py, line by line."""

from dataclasses import dataclass

from tests.rights import PEOPLE


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `answers` by person or token."""

    method: str
    address: str
    answers: dict[str, str]

    def __str__(self):
        return f"{self.method} {self.address}"

    @property
    def line(self):
        return self.write(self.answers)

    def write(self, answers):
        """A line of the table with those answers."""
        return f"{self}: " + " ".join(f"{who} {word}," for who, word in answers.items())


def rows(table):
    """The lines of a table, in its order."""
    lines = [line.split() for line in table.splitlines() if line and not line.startswith("#")]
    who = lines[0]
    return [
        Row(method, address, dict(zip(who, answers, strict=True))) for method, address, *answers in lines[1:]
    ]


def pages():
    """The addresses that show somebody a page, each with the first who sees it: nobody before people of a team."""
    shown = [row for row in rows(PEOPLE) if row.method == "GET"]
    seen = [(row.address, _first_to_see(row)) for row in shown]
    return [(address, person) for address, person in seen if person]


def _first_to_see(row):
    return next((who for who in ("nobody", "owner", "operator") if row.answers[who] == "200"), None)
