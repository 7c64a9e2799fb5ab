"""Lines of a log as HTML, for pages without JavaScript. static/js/log.js makes the same elements."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from runners.jobs.log_lines import LogPart, TextLine
from tfci.core.terminal import Span


def end(part: LogPart, letter: str, room: int) -> tuple[SafeString, bool]:
    """The last lines that fit into so many bytes, and whether there are others before them."""
    made: list[SafeString] = []
    for number in range(part.before + len(part.lines), part.before, -1):
        made.append(_line(part.lines[number - part.before - 1], f"{letter}{number}", number))
        room -= len(made[-1].encode())
        if room < 0:
            made.pop()
            break
    shown = format_html_join("", "{}", ((line,) for line in reversed(made)))
    return shown, len(made) < len(part.lines)


def _line(line: TextLine, name: str, number: int) -> SafeString:
    text = format_html_join("", "{}", ((_span(span),) for span in line.spans))
    more = gettext("{count} more characters").format(count=f"{line.left_out:,}") if line.left_out else ""
    return format_html(
        '<li id="{}" class="{}"><a href="#{}">{}</a><span class="log-time">{}</span><span>{}{}</span></li>',
        name,
        f"is-{line.mark}" if line.mark else "",
        name,
        number,
        line.time,
        text,
        format_html(' <em class="log-more">{}</em>', more) if more else "",
    )


def _span(span: Span) -> SafeString:
    look, text = span
    return format_html('<span class="{}">{}</span>', look, text) if look else format_html("{}", text)
