"""Reasons that no row stores alone: refusals, and those within others."""

import pytest

from runners.reasons.refusals import RefusalReason
from runners.reasons.vms import part, read_part
from tests.runners.reasons.vm_samples import REFUSALS
from tfci.core.reasons import Other


@pytest.mark.parametrize(("reason", "sentence"), REFUSALS)
def test_a_refusal_says_why(reason, sentence):
    assert str(reason) == sentence


def test_every_refusal_has_a_sample():
    assert {reason.code for reason, _ in REFUSALS} == RefusalReason.known.keys()


def test_a_reason_within_another_may_be_of_another_version():
    assert read_part({"code": "comes_later", "params": {}}) == Other("comes_later")
    assert read_part(part(Other("the operator said so"))) == Other("the operator said so")
