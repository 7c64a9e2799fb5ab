import pytest

from practice.grid.faults import Faults


def faults(*rules, seed=13):
    made = Faults(seed)
    for number, rule in enumerate(rules, start=1):
        made.apply({"event": "fault", "rule": {"fault_id": number, **rule}})
    return made


def test_a_rule_without_limits_strikes_all():
    assert faults({"kind": "refuse"}).active_fault(
        "refuse", node_id=5, names=["vm1"], twin_id=1001, act="deploy"
    )


@pytest.mark.parametrize("limit", [{"node_id": 6}, {"name": "vm2"}, {"twin_id": 1002}, {"act": "remove"}])
def test_a_limit_spares_the_others(limit):
    rules = faults({"kind": "refuse", **limit})
    assert not rules.active_fault("refuse", node_id=5, names=["vm1"], twin_id=1001, act="deploy")


def test_another_kind_is_another_fault():
    assert not faults({"kind": "refuse"}).active_fault("slow")


def test_a_name_limits_to_batches_that_have_one_that_begins_so():
    assert faults({"kind": "slow", "name": "vm2"}).active_fault("slow", names=["vm1", "vm22"])


def test_a_rule_strikes_as_often_as_it_says():
    rules = faults({"kind": "refuse", "times": 2})
    for _ in range(2):
        assert rules.active_fault("refuse")
        rules.apply({"event": "struck", "fault_id": 1})
    assert not rules.active_fault("refuse")


def test_chance_falls_alike_with_the_same_seed():
    rule = {"kind": "refuse", "chance": 0.3}
    first, second = (
        [bool(each.active_fault("refuse")) for _ in range(200)] for each in (faults(rule), faults(rule))
    )
    assert first == second
    assert 30 < sum(first) < 90


def test_a_rule_that_is_over_strikes_no_more():
    rules = faults({"kind": "refuse"})
    rules.apply({"event": "fault_over", "fault_id": 1})
    assert not rules.active_fault("refuse") and rules.listed() == []


@pytest.mark.parametrize(
    "rule", [{"kind": "earthquake"}, {"kind": "slow", "chance": 2}, {"kind": "slow", "seconds": -1}]
)
def test_a_rule_that_makes_no_sense_is_refused(rule):
    with pytest.raises(ValueError):
        faults(rule)
