"""Small helps for the pages for everybody."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(things: Mapping[str, Any], name: str) -> Any:
    """{{ prices|of:name }}: by a name that is itself a variable."""
    return things[name]
