"""Aliases of Any, each with its reason: nothing else in the product uses Any."""

from typing import Any, TypeAlias

Json: TypeAlias = Any  # parsed JSON: readers check it, or convert it to a type
Sent: TypeAlias = Any  # what a form's field was sent, by people or as JSON, before it is cleaned
