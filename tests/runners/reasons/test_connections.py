"""Reasons of a connection's health say what to do where something is wrong."""

from runners.reasons.connections import ConnectionReason
from runners.reasons.deliveries import DeliveryReason
from tfci.core.reasons import Severity


def test_what_is_wrong_says_what_to_do():
    known = [*ConnectionReason.known.values(), *DeliveryReason.known.values()]
    faults = [reason for reason in known if reason.severity == Severity.ERROR]
    assert len(faults) > 3 and all(reason.advice and not reason.neutral for reason in faults)
