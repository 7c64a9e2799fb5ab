"""How an amount of TFT is stored: a whole number of 1e-7 TFT."""

from django.db import models

from tfci.core.tft import Tft


class TftField(models.BigIntegerField):
    """A BigIntegerField whose values are Tft."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else Tft(value)

    def to_python(self, value):
        return None if value is None else Tft(super().to_python(value))
