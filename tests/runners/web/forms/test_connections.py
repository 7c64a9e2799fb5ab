"""The forms of connections: each mistake gets its sentence, and nothing wrong gets through."""

import pytest

from runners.web.forms import ConnectionForm, ReachForm
from tests.builders import a_connection
from tests.runners.web.forms.test_pools import the_error
from tfci.core.secret import Secret

pytestmark = pytest.mark.django_db


def a_connection_form(**said):
    return ConnectionForm(
        {
            "forge": "gitea",
            "level": "org",
            "url": "https://git.example.org",
            "name": "acme",
            "token": "t",
            "way": "poll",
        }
        | said
    )


WOODPECKER = {"forge": "woodpecker", "way": "", "runner_url": "grpc://ci.example.org:9000"}


def test_the_form_asks_for_what_its_kind_of_forge_needs():
    assert list(a_connection_form().fields["level"].choices)[0][0] == "org"
    assert "way" in a_connection_form().fields and not a_connection_form().fields["runner_url"].required
    form = a_connection_form(**WOODPECKER)
    assert form.is_valid(), form.errors
    assert [level for level, _ in form.fields["level"].choices] == ["org", "instance"]
    assert "way" not in form.fields
    assert "required" in the_error(a_connection_form(**WOODPECKER | {"runner_url": ""}), "runner_url")
    assert "not one of the available" in the_error(
        a_connection_form(**WOODPECKER, level="repo", name="a/b"), "level"
    )


def test_an_instance_is_named_by_its_address():
    form = a_connection_form(**WOODPECKER, level="instance", name="", url="https://ci.example.org:8443/")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "ci.example.org:8443"


def test_a_link_carries_its_token_as_a_secret():
    form = a_connection_form(token=" s3cret ")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["token"] == Secret("s3cret")


def test_a_token_is_never_shown_again():
    assert "s3cret" not in a_connection_form(token="s3cret", name="").as_p()


@pytest.mark.parametrize("field", ["forge", "url", "name", "token", "way"])
def test_a_link_needs_each_of_its_fields(field):
    assert "required" in the_error(a_connection_form(**{field: ""}), field)


def test_an_unknown_forge_is_refused():
    assert "sourcehut" in the_error(a_connection_form(forge="sourcehut"), "forge")


def test_a_runner_group_is_asked_of_an_organisation_where_there_are_groups_and_of_nothing_else():
    assert "runner_group" not in a_connection_form().fields
    assert a_connection_form(forge="github", runner_group="public").is_valid()
    wrong = a_connection_form(forge="github", level="repo", name="acme/app", runner_group="public")
    assert "Only organizations" in the_error(wrong, "runner_group")


def test_a_link_changes_only_what_is_its_own():
    connection = a_connection(forge="github", runner_group="public")
    assert list(ReachForm(connection).fields) == ["runner_group", "authority"]
    assert ReachForm(connection)["runner_group"].value() == "public"
    assert list(ReachForm(a_connection(forge="github", level="repo")).fields) == ["authority"]
    assert list(ReachForm(a_connection()).fields) == ["authority"]
