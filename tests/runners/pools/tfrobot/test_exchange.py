"""A pool as a file for tfrobot, what tfrobot ignores of it, and the whole pool again from that file."""

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from ruamel.yaml import YAML

from runners.jobs.labels import NAMED
from runners.models import Pool
from runners.pools.tfrobot import block, exchange, reader, writer
from runners.web.forms import PoolForm, RobotForm
from tests.builders import NOON, a_connection, a_node, a_pool, a_team, a_user
from tests.runners.pools.tfrobot.test_reader import KEY
from tfci.forges.models import Connection
from tfci.grid.drivers.threefold import tfcmd

pytestmark = pytest.mark.django_db


def test_what_both_know_comes_back():
    nodes = {"regions": ["Europe"], "rule": {"certified": True}}
    pool = a_pool(
        name="Night shift", min_vms={"small": 2, "4x": 1}, min_distinct_nodes=2, nodes=nodes, max_vms=9
    )
    (group,) = reader.read(exchange.exported(pool)).groups
    assert (group.name, group.nodes, group.certified, group.region) == ("night_shift", 2, True, "europe")
    assert group.vms == {NAMED["small"]: 2, NAMED["large"]: 1}


def test_a_pool_that_keeps_none_ready_is_written_with_one_vm_of_each_size_and_says_so():
    text = exchange.exported(a_pool(sizes=["small", "medium"], min_vms={}))
    assert reader.read(text).groups[0].vms == {NAMED["small"]: 1, NAMED["medium"]: 1}
    assert "# The pool keeps no VM ready" in text


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
def test_nodes_that_tfrobot_does_not_apply_are_named(nodes, said):
    text = exchange.exported(a_pool(nodes=nodes))
    assert (
        f"# Not applied by tfrobot: {said}. It supports one region, and no nodes, farms or countries." in text
    )
    assert reader.read(text).groups[0].region == ""


def test_a_vm_that_tfrobot_does_not_deploy_is_refused_with_its_size():
    with pytest.raises(writer.Impossible, match="128cpu"):
        exchange.exported(a_pool(sizes=["small", "64x"]))


def test_of_several_pools_all_are_made_or_none():
    team = a_team()
    connection = a_connection(team)
    a_pool(team=team, name="b")
    drafts = [exchange.PoolDraft(Pool(team=team, name=name), [connection]) for name in ("a", "b")]
    with pytest.raises(exchange.changes.PoolNameTaken):
        exchange.make(drafts, a_user(), NOON)
    assert not Pool.objects.of(team).filter(name="a").exists()


# --- The x-farmhand block ---------------------------------------------------------------------------------------

LABELS = st.lists(st.from_regex(r"[a-z][a-z0-9=.-]{0,20}", fullmatch=True), max_size=3, unique=True).filter(
    lambda labels: not {"arm", "arm64", "aarch64"} & set(labels)
)
NODES = st.fixed_dictionaries(
    {},
    optional={
        "ids": st.lists(st.sampled_from([7, 8]), min_size=1, unique=True),
        "farms": st.just([3]),
        "countries": st.just(["Belgium"]),
        "regions": st.just(["Europe"]),
        "rule": st.fixed_dictionaries(
            {},
            optional={
                "certified": st.just(True),
                "min_success_percent": st.integers(1, 100),
                "max_price": st.sampled_from(["0.5000000", "3.0000000", "12.0000001"]),
                "pack": st.just(True),
            },
        ).filter(bool),
    },
)
POOLS = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30),
        "repositories": st.lists(st.sampled_from(["acme/web", "acme/api"]), unique=True),
        "anchors": LABELS,
        "nodes": NODES,
        "min_distinct_nodes": st.integers(1, 1),
        "sizes": st.lists(
            st.sampled_from(["small", "4x", "large", "3cpu9gbram70gbssd"]), min_size=1, unique=True
        ),
        "min_vms": st.dictionaries(st.sampled_from(["small", "2cpu8gbram20gbssd"]), st.integers(0, 3)),
        "max_vms": st.integers(6, 100),
        "max_job_minutes": st.integers(1, 360),
        "linger_minutes": st.integers(0, 1440),
        "cpu_target": st.none() | st.integers(10, 100),
        "cpu_minutes": st.integers(1, 1440),
        "protection": st.sampled_from(["encrypted", "ram", "none"]),
        "container_image": st.sampled_from(["", "docker.io/library/node:22"]),
        "rerun_lost": st.booleans(),
        "end_jobs_at_limit": st.booleans(),
        "arm64_emulated": st.booleans(),
    }
)


@pytest.fixture
def team():
    made = a_team()
    a_connection(made, name="acme")
    a_connection(made, name="other")
    for number in (7, 8):
        a_node(node_id=number, farm_id=3, certified=True)
    return made


def imported(team, text: str, **chosen) -> RobotForm:
    return RobotForm(team, {"tfrobot": text, **chosen})


@pytest.mark.django_db(transaction=False)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],  # on a real database shrinking takes minutes
)
@given(values=POOLS)
def test_a_pool_comes_back_whole_from_its_own_file(team, values):
    acme = Connection.objects.get(name="acme")
    pool = Pool(team=team, created_at=NOON, **values)
    with transaction.atomic():
        pool.save()
        pool.connections.set([acme])
        text = exchange.exported(pool)
        before = exchange.settings(pool)
        transaction.set_rollback(True)
    form = imported(team, text)
    assert form.is_valid(), form.errors
    (draft,) = form.drafts
    assert exchange.settings(draft.pool) | {"connections": ["acme"]} == before
    assert list(draft.connections) == [acme]


def test_every_field_of_a_pools_form_is_in_the_block_but_its_position():
    fields = {"connections" if name == "connections" else name for name in PoolForm.base_fields}
    assert fields - {"position"} == set(block.READERS)


def test_settings_that_tfrobot_ignores_are_named_above_the_file():
    pool = a_pool(anchors=["night"], max_vms=7, nodes={"rule": {"max_price": "3"}})
    text = exchange.exported(pool)
    assert "# tfrobot ignores these settings of the pool: connections, anchors, max_price, max_vms." in text


def test_the_image_is_the_installations_own(settings):
    settings.GRID, settings.FLIST = "main", "https://hub.grid.tf/acme/farmhand.flist"
    text = exchange.exported(a_pool())
    (first, *_) = YAML(typ="safe", pure=True).load(text)["vms"]
    assert first["flist"] == "https://hub.grid.tf/acme/farmhand.flist"
    assert first["entry_point"] == tfcmd.ENTRYPOINT


def test_without_an_image_of_ones_own_the_file_says_that_it_holds_no_agent(settings):
    settings.FLIST = ""
    assert "without Farmhand's agent" in exchange.exported(a_pool())


def test_a_json_file_with_a_block_is_read_too(team):
    whole = YAML(typ="safe", pure=True).load(exchange.exported(a_pool(team=team, name="night", max_vms=33)))
    form = imported(team, json.dumps(whole), name="day")
    assert form.is_valid(), form.errors
    assert (form.drafts[0].pool.name, form.drafts[0].pool.max_vms) == ("day", 33)


def test_the_report_says_that_the_block_is_used_instead_of_the_groups_own_keys(team):
    form = imported(team, exchange.exported(a_pool(team=team, name="night")), name="day")
    assert form.is_valid(), form.errors
    became = {line.key: (line.did, line.said) for line in form.report}
    assert became["node_groups[0].nodes_count"] == ("ignored", reader.IN_BLOCK)
    assert became["vms[0].vms_count"] == ("ignored", reader.IN_BLOCK)
    assert became["x-farmhand.night.max_vms"][0] == "taken"


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("max_vms: 10", "max_vms: many", "must be a number"),
        ("max_vms: 10", "max_vms: [1]", "must be a text"),
        ("protection: encrypted", "protection: encrypted\n    countries: 3", "must be a list"),
        ("default_size: small", "default_size: huge", "is not a size"),
    ],
)
def test_a_block_with_a_wrong_value_is_refused_with_its_reason(team, old, new, wrong):
    text = exchange.exported(a_pool(team=team, name="night"))
    assert text.count(old) == 1
    form = imported(team, text.replace(old, new), name="day")
    assert not form.is_valid()
    assert wrong in str(form.errors["tfrobot"])


def test_imported_pools_come_after_all_others_in_the_order_of_the_file():
    connection = a_connection()
    a_pool(connection.team, [connection], position=7)
    groups = [
        {"name": name, "nodes_count": 1, "free_cpu": 2, "free_mru": 8, "free_ssd": 50} for name in ("a", "b")
    ]
    vms = [
        {
            **{"name": f"v{name}", "vms_count": 1, "node_group": name, "cpu": 2, "mem": 8, "ssh_key": "mine"},
            **{"ssd": [{"size": 50, "mount_point": "/data"}], "flist": "https://hub.grid.tf/a.flist"},
            "entry_point": "/init",
        }
        for name in ("a", "b")
    ]
    text = json.dumps({"node_groups": groups, "vms": vms, "ssh_keys": {"mine": KEY}})
    form = RobotForm(connection.team, {"tfrobot": text})
    assert form.is_valid(), form.errors
    assert [draft.pool.position for draft in form.drafts] == [8, 9]
