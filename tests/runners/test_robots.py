"""A pool as tfrobot reads it, with a word on all that it can't be told."""

import pytest

from runners import robots
from runners.models import Pool
from runners.rules import robotfile, robotread
from runners.rules.labels import NAMED
from tests.builders import NOON, a_pool, a_team, a_user, an_org

pytestmark = pytest.mark.django_db


def test_what_both_know_comes_back():
    nodes = {"regions": ["Europe"], "rule": {"certified": True}}
    pool = a_pool(
        name="Night shift", min_vms={"small": 2, "4x": 1}, min_distinct_nodes=2, nodes=nodes, max_vms=9
    )
    (group,) = robotread.read(robots.exported(pool)).groups
    assert (group.name, group.nodes, group.certified, group.region) == ("night_shift", 2, True, "europe")
    assert group.machines == {NAMED["small"]: 2, NAMED["large"]: 1}


def test_a_pool_that_keeps_none_ready_is_written_with_one_machine_of_each_size_and_says_so():
    text = robots.exported(a_pool(sizes=["small", "medium"], min_vms={}))
    assert robotread.read(text).groups[0].machines == {NAMED["small"]: 1, NAMED["medium"]: 1}
    assert "# The pool keeps none ready" in text


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ({"ids": [7, 8]}, "ids 7, 8"),
        ({"farms": [3]}, "farms 3"),
        ({"countries": ["Belgium"]}, "countries Belgium"),
        ({"regions": ["Europe", "Asia"]}, "regions Europe, Asia"),
        ({"regions": ["Europe"], "ids": [7]}, "ids 7; regions Europe"),
    ],
)
def test_nodes_that_tfrobot_can_not_be_told_are_named_as_left_out(nodes, said):
    text = robots.exported(a_pool(nodes=nodes))
    assert f"# Left out: {said}. tfrobot can be told one region, and no node." in text
    assert robotread.read(text).groups[0].region == ""


def test_a_machine_that_tfrobot_does_not_deploy_is_refused_with_its_size():
    with pytest.raises(robotfile.Impossible, match="128cpu"):
        robots.exported(a_pool(sizes=["small", "64x"]))


def test_of_several_pools_all_are_made_or_none():
    team = a_team()
    org = an_org(team)
    a_pool(team=team, name="b")
    drafts = [robots.Draft(Pool(team=team, name=name), [org]) for name in ("a", "b")]
    with pytest.raises(robots.pools.Taken):
        robots.make(drafts, a_user(), NOON)
    assert not Pool.objects.of(team).filter(name="a").exists()
