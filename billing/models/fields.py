"""How an amount of TFT is stored: a whole number of 1e-7 TFT."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from tfci.core.tft import Tft


class TftField(models.BigIntegerField):  # type: ignore[type-arg]  # its parameters are the two types below
    """A BigIntegerField whose values are Tft."""

    _pyi_private_set_type: int  # what the checker takes a column for
    _pyi_private_get_type: Tft

    def from_db_value(
        self, value: int | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Tft | None:
        return None if value is None else Tft(value)

    def to_python(self, value: object) -> Tft | None:
        return None if value is None else Tft(super().to_python(value))
