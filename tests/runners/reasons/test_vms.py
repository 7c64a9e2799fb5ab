"""Reasons within others."""

from runners.reasons.vms import part, read_part
from tfci.core.reasons import Other


def test_a_reason_within_another_may_be_of_another_version():
    assert read_part({"code": "comes_later", "params": {}}) == Other("comes_later")
    assert read_part(part(Other("the operator said so"))) == Other("the operator said so")
