"""What pages are put together from: icons, chips, cards, crumbs, empty states, buttons, marks of an owner."""

import functools
from collections.abc import Iterable

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop

from tfci.core.optional import present

register = template.Library()

# state or conclusion -> look (a colour of controls.css), icon, word
STATES = {
    "queued": ("queued", "clock", gettext_noop("Queued")),
    "waiting": ("waiting", "player-pause", gettext_noop("Waiting")),
    "in_progress": ("running", "loader-2", gettext_noop("Running")),
    "success": ("success", "check", gettext_noop("Succeeded")),
    "failure": ("failure", "x", gettext_noop("Failed")),
    "cancelled": ("cancelled", "slash", gettext_noop("Canceled")),
    "skipped": ("cancelled", "slash", gettext_noop("Skipped")),
    "refused": ("refused", "ban", gettext_noop("Refused")),
    "not_ours": ("cancelled", "slash", gettext_noop("Ignored")),
    "wanted": ("queued", "clock", gettext_noop("Pending")),
    "deploying": ("running", "loader-2", gettext_noop("Deploying")),
    "booting": ("running", "loader-2", gettext_noop("Starting")),
    "standby": ("success", "power", gettext_noop("Idle")),
    "assigned": ("waiting", "link", gettext_noop("Assigned")),
    "busy": ("running", "loader-2", gettext_noop("Busy")),
    "kept": ("waiting", "terminal-2", gettext_noop("Kept for debugging")),
    "refreshing": ("running", "refresh", gettext_noop("Rebooting")),
    "serving": ("success", "server-2", gettext_noop("Running")),
    "removing": ("cancelled", "trash", gettext_noop("Deleting")),
    "gone": ("cancelled", "slash", gettext_noop("Deleted")),
}
UNKNOWN = ("cancelled", "circle-dashed", "")
DRAWN = 512  # icons and chips that are remembered: a list has hundreds of a few

# sign of a line of a patch -> its look
CHANGED = {"-": "<del>{}</del>", "+": "<ins>{}</ins>", "@": "@{}\n"}
QUIET_BUTTONS = frozenset(("outline", "secondary", "link", "tool", "minor"))

OWNERS = {
    "forge": gettext_noop("Forge"),
    "farmhand": "Farmhand",
    "grid": gettext_noop("Grid"),
    "vm": "VM",
    "code": gettext_noop("Your code"),
    "team": gettext_noop("Your team"),
    "operator": gettext_noop("Operator"),
}


@register.simple_tag
@functools.lru_cache(DRAWN)
def icon(name: str, extra: str = "") -> SafeString:
    """One of static/img/icons.svg; always beside a word, or with a label on its button."""
    svg = '<svg class="icon {}" aria-hidden="true"><use href="{}#i-{}"/></svg>'
    return format_html(svg, extra, static("img/icons.svg"), name)


@register.simple_tag
def state(name: str, conclusion: str = "") -> SafeString:
    """The chip of a job's or VM's state: word, icon and colour. A conclusion says more than "completed"."""
    return _state(conclusion or name, get_language())


@functools.lru_cache(DRAWN)
def _state(name: str, language: str) -> SafeString:
    look, drawing, _ = STATES.get(name, UNKNOWN)
    return chip(look, drawing, state_word(name))


@register.simple_tag
def chip(look: str, drawing: str, text: str) -> SafeString:
    """A word with its icon, in the colour of a look of controls.css."""
    return format_html('<span class="chip is-{}">{}{}</span>', look, icon(drawing), text)


@register.simple_tag
def state_word(name: str) -> str:
    """The word of that chip alone."""
    word = STATES.get(name, UNKNOWN)[2]
    return gettext(word) if word else str(name).replace("_", " ").capitalize()


@register.simple_block_tag(takes_context=True)
def empty_state(
    context: Context, content: str, drawing: str, title: str, href: str = "", action: str = ""
) -> str:
    """Nothing there yet; the block says what to do, and `href` with `action` leads there."""
    shown = {"drawing": drawing, "title": title, "text": content, "href": href, "action": action}
    return partial(context, "empty", shown)


@register.simple_block_tag(takes_context=True)
def card(
    context: Context, content: str, name: str, title: str, note: str = "", href: str = "", action: str = ""
) -> str:
    """A card under a heading, whose id is `name`; beside it a `note`, or an `action` that leads to `href`."""
    shown = {"name": name, "title": title, "note": note, "href": href, "action": action, "content": content}
    return partial(context, "card", shown)


@register.simple_block_tag
def crumbs(content: str) -> str:
    """The links to the pages above this one."""
    return format_html('<nav class="fh-crumbs" aria-label="{}">{}</nav>', gettext("Breadcrumb"), content)


def partial(context: Context, name: str, shown: dict[str, str]) -> str:
    """A file of templates/partials/ that knows nothing but what is shown."""
    return present(context.template).engine.get_template(f"partials/{name}.html").render(context.new(shown))


@register.inclusion_tag("partials/confirm_link.html")
def confirm_link(href: str, text: str, drawing: str = "", look: str = "btn-danger-quiet") -> dict[str, str]:
    """Leads to a confirm page, which JavaScript shows as a dialog; `look`: another button's class."""
    return {"href": href, "text": text, "drawing": drawing, "look": look}


@register.simple_tag
def diff(lines: Iterable[tuple[str, str]]) -> str:
    """Lines of a change, each with its sign, for a <pre class="diff">."""
    shown = [(format_html(CHANGED.get(sign, "{}\n"), line),) for sign, line in lines]
    return format_html_join("", "{}", shown)


@register.filter
def button_look(tags: Iterable[str]) -> str:
    """The class of a button by the tags that django-allauth gives it."""
    if "danger" in tags:
        return "btn-danger-quiet"
    return "btn-primary" if QUIET_BUTTONS.isdisjoint(tags) else "btn-quiet"


@register.simple_tag
def label(text: str) -> SafeString:
    """A runs-on label, as it is typed."""
    return format_html('<span class="chip chip-label">{}</span>', text)


@register.inclusion_tag("partials/owner.html")
def owner(name: str) -> dict[str, str]:
    """Who owns a stretch of time: its pattern and its word. The page includes partials/patterns.html once."""
    return {"name": name, "word": owner_word(name)}


@register.simple_tag
def owner_word(name: str) -> str:
    """The word alone, where a sentence begins with it."""
    return gettext(OWNERS[name])
