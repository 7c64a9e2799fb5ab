"""A statement on paper. The same statement gives the same bytes: it holds nothing random, and not when it was drawn."""

import io
from dataclasses import dataclass
from functools import cache, partial
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.translation import gettext
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from billing.statements import MonthlyStatement
from runners.web.views.statements import words
from tfci.templatetags.show import amount

FONT = "dejavu"  # has the letters of Latin, Cyrillic, Greek and some more
INK, FAINT, LINE = HexColor(0x1B2420), HexColor(0x5B6660), HexColor(0xC9D1CC)
WIDTHS = (75 * mm, 50 * mm, 40 * mm)
MARGIN = 20 * mm
TEXT = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=13, textColor=INK)
NUMBER = ParagraphStyle("number", TEXT, alignment=TA_RIGHT)
SMALL = ParagraphStyle("small", TEXT, fontSize=8, leading=11, textColor=FAINT)
TITLE = ParagraphStyle("title", TEXT, fontSize=18, leading=24)


@dataclass(frozen=True, slots=True)
class Paper:
    """`sender` and `receiver` may have several lines. `note`: that the month is not over; "" once it is."""

    statement: MonthlyStatement
    team: str
    sender: str
    receiver: str
    note: str


def draw(paper: Paper) -> bytes:
    _load_font()
    month = words.month(paper.statement.period)
    title = gettext("Statement for {month}").format(month=month)
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{title}, {paper.team}",
        author=paper.sender.partition("\n")[0],
        lang="en",
        invariant=1,
    )
    numbered = partial(_number_page, f"{paper.team}, {month}")
    document.build(_contents(paper, title), onFirstPage=numbered, onLaterPages=numbered)
    return file.getvalue()


@cache
def _load_font() -> None:
    path = settings.BASE_DIR / "static/vendor/fonts/dejavu-sans-condensed.ttf"
    pdfmetrics.registerFont(TTFont(FONT, path))


def _number_page(name: str, canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(FONT, 8)
    canvas.setFillColor(FAINT)
    canvas.drawString(MARGIN, MARGIN / 2, name)
    page = gettext("page {number}").format(number=document.page)
    canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, page)


def _contents(paper: Paper, title: str) -> list[Flowable]:
    statement = paper.statement
    parties = Table(
        [
            [_text(gettext("From"), SMALL), _text(gettext("To"), SMALL)],
            [_text(paper.sender), _text(paper.receiver)],
        ],
        colWidths=(75 * mm, 90 * mm),
        hAlign="LEFT",
        style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]),
    )
    notes = [_text(note, SMALL) for note in (words.span(statement.period), paper.note) if note]
    return [_text(title, TITLE), *notes, Spacer(1, 8 * mm), parties, Spacer(1, 8 * mm), _table(statement)]


def _table(statement: MonthlyStatement) -> Table:
    rows = [
        [_text(gettext("Item"), SMALL), _text(gettext("Pool"), SMALL), _text(gettext("TFT"), NUMBER)],
        [_text(gettext("Opening balance")), "", _amount(statement.opening)],
    ]
    strong = [0, 1]  # rows with a line below them
    for section in words.sections(statement):
        rows.append([_text(section.title, SMALL), "", ""])
        rows += [[_text(row.what), _text(row.pool), _amount(row.amount)] for row in section.rows]
        rows.append([_text(gettext("Total")), "", _amount(section.total)])
        strong.append(len(rows) - 1)
    rows.append([_text(words.closing(statement.period)), "", _amount(statement.closing)])
    strong.append(len(rows) - 1)
    lines = [("LINEBELOW", (0, row), (-1, row), 0.5, LINE) for row in strong]
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0), *lines])
    return Table(rows, colWidths=WIDTHS, hAlign="LEFT", style=style, repeatRows=1)


def _text(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph("<br/>".join(escape(line) for line in text.splitlines()), style)


def _amount(units: int) -> Paragraph:
    return _text(amount(units), NUMBER)
