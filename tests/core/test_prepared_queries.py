"""A prepared query answers as Django's own would, whatever it is given."""

import pytest

from tests.builders import a_connection
from tfci.core.prepared_queries import Parameter, Prepared
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db
OF_A_FORGE = Prepared(
    Connection.objects.filter(
        name=Parameter("name"), forge=Parameter("forge"), disconnected_at=None
    ).order_by("-pk")
)


def test_it_gives_the_rows_in_their_order_each_time_for_what_it_is_given():
    first, second = a_connection(name="one"), a_connection(name="two")
    assert OF_A_FORGE(forge="gitea", name="one") == [first]
    assert OF_A_FORGE(forge="gitea", name="two") == [second]
    assert OF_A_FORGE(forge="github", name="two") == []


def test_its_rows_are_whole():
    connection = a_connection(name="one")
    [found] = OF_A_FORGE(forge="gitea", name="one")
    assert (found.token, found.signpost_labels, found.team) == (
        connection.token,
        connection.signpost_labels,
        connection.team,
    )


def test_what_it_is_given_is_never_read_as_sql():
    a_connection(name="one")
    assert OF_A_FORGE(forge="gitea", name="one' OR '1'='1") == []


def test_a_value_that_is_missing_is_a_mistake():
    with pytest.raises(KeyError, match="name"):
        OF_A_FORGE(forge="gitea")
