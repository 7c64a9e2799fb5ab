"""How a statement reads to people, on its page and on paper."""

from dataclasses import dataclass

from django.utils import dateformat
from django.utils.translation import gettext, gettext_noop

from billing.statements import MonthlyStatement, StatementLine, StatementPeriod, StatementSection
from billing.uses import Use
from tfci.core.tft import Tft

SECTIONS = {
    StatementSection.IN: gettext_noop("Paid in and granted"),
    StatementSection.VM_TIME: gettext_noop("VM time"),
    StatementSection.CORRECTIONS: gettext_noop("Corrections of earlier months"),
    StatementSection.OUT: gettext_noop("Paid out"),
}
USES = {
    Use.JOB: gettext_noop("Job time"),
    Use.BOOT: gettext_noop("Boot"),
    Use.IDLE: gettext_noop("Idle"),
    Use.TEARDOWN: gettext_noop("Teardown"),
    Use.REFRESH: gettext_noop("Reboots between jobs"),
    Use.DEBUG: gettext_noop("Debug access"),
    Use.SERVER: gettext_noop("Server"),
}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """`pool`: what its VMs were for; "" where no VM was."""

    what: str
    pool: str
    amount: Tft


@dataclass(frozen=True, slots=True)
class ShownSection:
    title: str
    rows: list[ShownLine]

    @property
    def total(self) -> Tft:
        return Tft(sum(row.amount for row in self.rows))


def sections(statement: MonthlyStatement) -> list[ShownSection]:
    """Those that have lines."""
    shown = [(title, statement.of(section)) for section, title in SECTIONS.items()]
    return [ShownSection(gettext(title), list(map(_line, lines))) for title, lines in shown if lines]


def _line(line: StatementLine) -> ShownLine:
    if line.use:
        return ShownLine(gettext(USES[line.use]), line.pool or gettext("Servers"), line.amount)
    label = str(line.kind.label)
    return ShownLine(label[:1].upper() + label[1:], "", line.amount)


def closing(period: StatementPeriod) -> str:
    return gettext("Closing balance") if period.over else gettext("Balance so far")


def month(period: StatementPeriod) -> str:
    """November 2026."""
    return dateformat.format(period.begins_at, "F Y")


def span(period: StatementPeriod) -> str:
    """Both of its midnights, each in its own time zone."""
    begin, end = (dateformat.format(at, "j M Y, H:i T") for at in (period.begins_at, period.ends_at))
    return gettext("{begin} to {end}. Time zone: {zone}.").format(begin=begin, end=end, zone=period.zone)
