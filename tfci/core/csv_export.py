"""A list as a CSV file: sent row by row, and nothing in it that a spreadsheet would run.

Formulas: OWASP, "CSV Injection": a cell that begins with one of = + - @, a tab or a line's end may be run as one.
"""

import csv
from collections.abc import Iterable

from django.http import StreamingHttpResponse

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Echo:
    """What csv.writer takes for a file; it hands each line back."""

    def write(self, line: str) -> str:
        return line


def answer(name: str, head: Iterable[str], rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """The file `name`.csv for download, in UTF-8, written while it is sent."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines(head, rows), content_type="text/csv; charset=utf-8", headers=headers)


def lines(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterable[str]:
    """Each line of the file as text, its end included."""
    writer = csv.writer(Echo())
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: object) -> str:
    """As text; one that would be run gets an apostrophe in front. Numbers stay numbers, also negative ones."""
    text = "" if value is None else str(value)
    runs = text.startswith(RUNS) and not isinstance(value, int | float)
    return f"'{text}" if runs else text
