"""What may be anything, by the reason why: nothing else in the product is of any type."""

from typing import Any, TypeAlias

Json: TypeAlias = Any  # what stands in JSON: whoever reads it looks, or gives it a shape
Sent: TypeAlias = Any  # what a form's field was sent, by people or as JSON, before it is cleaned
