"""A page of the manual: Markdown -> HTML for our layout, and the text of its sections for the search.

No HTML passes through, and links may only be those that the page's `Links` know: so what comes out is safe.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

Leads = Callable[[str], str | None]  # where a link leads on the site; None where there is no such page


@dataclass(slots=True)
class Section:
    """What stands under one heading, as plain text."""

    title: str
    anchor: str
    level: int
    text: str = ""


@dataclass(slots=True)
class MarkdownPage:
    title: str
    html: SafeString
    sections: list[Section] = field(default_factory=list)


def slug(title: str) -> str:
    """A heading's anchor, as code hosts make it: so a link works there and here."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def read(source: str, leads: Leads) -> MarkdownPage:
    """The page; its first heading is its title and stands in the layout, not in the HTML."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(source)
    sections = _sections(tokens)
    title = sections[0].title if sections else ""
    if sections and sections[0].level == 1:
        del tokens[:3]
    _dress(tokens, leads)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    html = parser.renderer.render(tokens, parser.options, {})
    return MarkdownPage(title, mark_safe(html), sections)  # noqa: S308 - rendered with html off


def inline(text: str) -> SafeString:
    """One paragraph without its <p>: code and emphasis, no links to elsewhere."""
    html = MarkdownIt("commonmark", {"html": False}).disable(["link", "autolink", "image"]).renderInline(text)
    return mark_safe(html)  # noqa: S308 - rendered with html off


def _sections(tokens: list[Token]) -> list[Section]:
    """Each heading gets its anchor, and collects the text until the next."""
    found: list[Section] = []
    for opening, token in zip([None, *tokens], tokens, strict=False):
        if opening is not None and opening.type == "heading_open":
            title = _plain(token)
            found.append(Section(title, slug(title), int(opening.tag[1])))
            opening.attrSet("id", found[-1].anchor)
        elif found and token.type in ("inline", "fence", "code_block"):
            found[-1].text += f" {_plain(token)}"
    return found


def _plain(token: Token) -> str:
    if token.type != "inline":
        return token.content
    return "".join(" " if child.type == "softbreak" else child.content for child in token.children or ())


def _dress(tokens: list[Token], leads: Leads) -> None:
    """Our classes on what Markdown makes, and links to where the site has their pages."""
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "fh-table")
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        for child in token.children or ():
            if child.type == "link_open":
                _link(child, leads)
            elif child.type == "image":
                child.attrSet("src", leads(str(child.attrGet("src"))) or "")
                child.attrSet("loading", "lazy")


def _link(token: Token, leads: Leads) -> None:
    """A link to a file that the site doesn't show becomes plain text."""
    where = leads(str(token.attrGet("href")))
    if where is None:
        token.attrs.clear()
    else:
        token.attrSet("href", where)


def _code(self: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return code(tokens[index].content.rstrip("\n"))


def code(text: str) -> SafeString:
    """A block of code: it can be scrolled by keyboard and copied."""
    return format_html(
        '<div class="md-code"><pre tabindex="0"><code>{0}</code></pre>'
        '<button class="btn btn-quiet" type="button" data-copy="{0}" hidden><span>Copy</span></button></div>',
        text,
    )


def marked(text: str, words: frozenset[str]) -> SafeString:
    """Text with these words highlighted."""
    parts = re.split(r"(\w+)", text)
    shown = (f"<mark>{escape(p)}</mark>" if p.lower() in words else escape(p) for p in parts)
    return mark_safe("".join(shown))  # noqa: S308 - each part is escaped
