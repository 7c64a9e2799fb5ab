"""Types that several resources share."""

from typing import Annotated

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Tft = Annotated[
    str,
    BeforeValidator(str),
    Field(description="TFT, with all seven digits.", pattern=r"^-?\d+\.\d{7}$", examples=["0.0012345"]),
]


class Said(Schema):
    """A body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid")
