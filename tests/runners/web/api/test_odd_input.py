"""Whatever a script sends, it is told what is wrong: never a 500."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from runners.models import Pool
from runners.web.api import v1
from tests.builders import a_connection, a_job, a_node, a_pool
from tests.runners.web.api.scripts import Script, description

pytestmark = pytest.mark.django_db
ODD = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXTS = st.sampled_from(
    ["", " ", "small", "64x", "acme/app", "Belgium", "linux", "tfgrid", "é", "\x00", "a\nb", "½", "1"]
)
NUMBERS = st.sampled_from([0, 1, -1, 7, 2**31, 2**63 - 1, 2**63, 10**30, 1.5, 1e400])
LEAVES = st.none() | st.booleans() | TEXTS | st.text(max_size=20) | NUMBERS
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NODES = st.dictionaries(st.sampled_from(["ids", "farms", "countries", "regions", "rule"]), ANYTHING)
FIELDS = description()["components"]["schemas"]["PoolNew"]["properties"]
POOLS = st.dictionaries(st.sampled_from([*FIELDS]), ANYTHING, max_size=3)


@ODD
@given(said=POOLS, nodes=NODES)
def test_pools_answer_odd_bodies(team, said, nodes):
    script, connection = Script(team, "write"), a_connection(team)
    body = {"name": f"pool {connection.pk}", "connections": [connection.pk]} | said
    for method, path in (("POST", "/pools"), ("PATCH", f"/pools/{a_pool(team, [connection]).pk}")):
        for odd in (body, body | {"nodes": nodes}):
            assert script.call(method, path, odd).status in (200, 201, 400, 409, 422)
    assert script.get("/pools").status == 200
    Pool.objects.update(closed_at="2026-06-01T12:00:00Z")


@ODD
@given(data=st.data())
def test_lists_answer_odd_questions(team, data):
    a_node(), a_job(a_connection(team))
    path = data.draw(st.sampled_from([f"/{name}" for name in v1.RESOURCES if parameters(f"/{name}")]))
    names = st.sampled_from(parameters(path))
    values = TEXTS | st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | NUMBERS.map(str)
    asked = data.draw(st.dictionaries(names, values | st.lists(values, max_size=2), max_size=3))
    assert Script(team).get(path, **asked).status in (200, 422)


def parameters(path):
    """The names of what a list may be asked."""
    return [one["name"] for one in description()["paths"][f"/api/v1{path}"]["get"].get("parameters", ())]
