"""Types that several resources share."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from billing.uses import Use

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Time = Annotated[  # as long whatever the moment, so that texts sort as times do
    datetime,
    PlainSerializer(lambda at: at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-06-01T12:00:00.000Z"]}),
]
Tft = Annotated[
    str,
    BeforeValidator(str),
    Field(description="TFT, with all seven digits.", pattern=r"^-?\d+\.\d{7}$", examples=["0.0012345"]),
]
UseName = Literal[tuple(use.value for use in Use)]  # inline: an enum would be described by its bare name


class Said(Schema):
    """A body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid")
