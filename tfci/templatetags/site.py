"""Small helps for the pages for everybody."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of(things: Mapping[str, object], name: str) -> object:
    """{{ prices|of:name }}: by a name that is itself a variable."""
    return things[name]


@register.inclusion_tag("site/shown_by.html")
def shown_by(name: str) -> dict[str, str]:
    """What shows a claim: a test, as the sentence that its name is, or a page of the manual."""
    file, _, test = name.partition("::")
    return {"file": file, "sentence": test.removeprefix("test_").replace("_", " ")}
