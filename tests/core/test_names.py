"""Names that people type."""

import pytest
from django.core.exceptions import ValidationError

from tfci.core.names import NameField, one_line


@pytest.mark.parametrize(
    "name",
    ["Kestrel Labs", "北京", "naïve", "می\u200cخواهم", "\U0001f469\u200d\U0001f680", "a\u00a0b", "<b>"],
)
def test_what_can_be_seen_is_a_name(name):
    assert NameField().clean(f" {name}\n") == name
    assert one_line(name).replace(" ", "\u00a0") == name.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    "hidden",
    [
        "\n",
        "\r",
        "\t",
        "\x00",
        "\x1b",
        "\x7f",
        "\x9b",
        "\u200b",
        "\u202e",
        "\u2066",
        "\u2028",
        "\u2029",
        "\ufeff",
    ],
)
def test_what_cannot_be_seen_is_refused_and_a_space_in_mails(hidden):
    with pytest.raises(ValidationError, match="Remove line breaks"):
        NameField().clean(f"a{hidden}b")
    assert one_line(f"a{hidden}{hidden}b") == "a b"
