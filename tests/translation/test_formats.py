"""Dates and numbers read the same, whoever asks: a language is for texts."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ number }}", "1234567.5"),
        ("{{ decimal }}", "1234567.25"),
        ("{{ count }}", "1234567"),
        ("{% load humanize %}{{ count|intcomma }}", "1,234,567"),
        ("{{ number|floatformat:1 }}", "1234567.5"),
        ('{{ decimal|floatformat:"-2" }}', "1234567.25"),
        ('{{ day|date:"j M Y" }}', "24 Nov 2026"),
        ("{{ day }}", "Nov. 24, 2026"),
        ("{{ moment }}", "Nov. 24, 2026, 8:31 a.m."),
    ],
)
def test_formats_are_those_without_translation(template, shown):
    values = {
        "number": 1234567.5,
        "decimal": Decimal("1234567.25"),
        "count": 1234567,
        "day": date(2026, 11, 24),
        "moment": datetime(2026, 11, 24, 8, 31, tzinfo=UTC),
    }
    assert Template(template).render(Context(values)) == shown
