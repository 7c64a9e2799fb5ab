"""The pages of servers and apps: deployed by a form, shown with address and cost, gone by name."""

from datetime import timedelta

import pytest
from django.urls import reverse

from runners.models import VM, Server
from runners.reasons.servers import NeverServed
from runners.reasons.vms import AppStarting
from runners.servers import runs
from tests.builders import a_quote, a_server, a_serving_vm, a_team
from tests.house import SERVER
from tests.people import client_of
from tfci.core.reasons import columns

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(house):
    client = client_of("owner", house.team)
    return lambda page, *args: client.get(reverse(page, args=[house.team.slug, *args])).text


@pytest.fixture
def send(house, django_capture_on_commit_callbacks, sent):
    client = client_of("owner", house.team)

    def post(page, *args, **form):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(reverse(page, args=[house.team.slug, *args]), form, follow=True)

    return post


def test_the_catalogue_says_of_each_app_whether_it_runs_here(visit):
    page = visit("apps")
    assert "Pages" in page and "Available" in page
    assert "Its jobs run as pods in its own Kubernetes cluster" in page


def test_an_app_that_can_not_run_here_has_a_reason_and_no_button(visit):
    page = visit("app", "zeroci")
    assert "Not available on this installation" in page and "are not checked for a signature" in page
    assert reverse("app_deploy", args=["kestrel-labs", "zeroci"]) not in page


def test_the_form_of_one_that_can_not_run_here_leads_to_the_reason(send):
    assert "Not available on this installation" in send("app_deploy", "zeroci", **SERVER).text


def test_an_app_says_what_it_costs_before_it_is_deployed(visit):
    page = visit("app", "pages")
    assert "1 vCPU, 1 GB, 5 GB" in page and "Per month" in page and "Farmhand makes no backups" in page


def test_the_form_deploys_it_and_its_vm_is_wanted_at_once(house, send, sent):
    page = send("app_deploy", "pages", **SERVER | {"countries": "Belgium"}).text
    made = Server.objects.get()
    assert "another is being deployed." in page
    assert (made.name, made.size, made.nodes) == ("another", "2cpu8gbram50gbssd", {"countries": ["Belgium"]})
    assert made.settings["word"] == "hello"
    assert ("runners.tasks.reconciliation.keep_server", {"server_id": made.pk}) in sent


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"name": "a/b"}, "Use only letters, digits"),
        ({"name": ""}, "required"),
        ({"app_word": ""}, "required"),
        ({"app_word": "two\nlines"}, "Enter a single line."),
        ({"size": "large"}, "not one of the available choices"),
        ({"countries": "Atlantis"}, "No node of this grid stands in “Atlantis”."),
    ],
)
def test_what_is_not_sound_is_said_beside_its_field(send, changes, sentence):
    answer = send("app_deploy", "pages", **SERVER | changes)
    assert sentence in answer.text and not Server.objects.exists()


@pytest.mark.parametrize("button", ["search", "enter"])
def test_a_search_of_places_deploys_nothing(send, button):
    page = send("app_deploy", "pages", **SERVER | {"place": "belg", button: "1"}).text
    assert 'value="Belgium"' in page and not Server.objects.exists()


def test_a_name_is_given_once_a_team(house, send):
    a_server(house.team, name="another")
    assert "A server with this name already exists." in send("app_deploy", "pages", **SERVER).text


def test_its_page_has_its_address_its_cost_and_what_comes_next(house, visit, now):
    server = a_server(house.team)
    since = now - timedelta(hours=2)
    vm = a_serving_vm(server, contract_created_at=since, claimed_at=since, quote=a_quote(tft_per_hour="1.5"))
    page = visit("server", server.pk)
    port = 10_000 + 4 * vm.pk % 10_000
    assert f"http://127.0.0.1:{port}" in page
    assert f"Open http://127.0.0.1:{port} as ann." in page
    assert "1.5000000 <small>TFT" in page and "> 1,080 TFT <" in page  # an hour, a month
    assert "3.00" in page  # so far
    assert f"connections/new/?server={server.pk}" in page


def test_an_address_of_this_computer_alone_says_who_must_allow_it(house, visit, settings):
    server = a_server(house.team)
    a_serving_vm(server)
    assert "FARMHAND_ALLOWED_FORGE_ORIGINS=http://127.0.0.1" in visit("server", server.pk)
    settings.ALLOW_PRIVATE_FORGES = True
    assert "FARMHAND_ALLOWED_FORGE_ORIGINS" not in visit("server", server.pk)


def test_while_it_does_not_serve_there_is_no_address_but_the_reason(house, visit):
    server = a_server(house.team)
    VM.objects.filter(pk=a_serving_vm(server, state="booting").pk).update(reason="app_starting")
    page = visit("server", server.pk)
    assert str(AppStarting()) in page and "http://127.0.0.1" not in page


def test_one_without_a_vm_says_why(house, visit):
    why = NeverServed(1, 1)
    server = a_server(house.team, **columns(why))
    assert str(why) in visit("server", server.pk)
    assert str(why) in visit("servers")


def test_secrets_are_on_no_page_until_somebody_asks(house, visit, send):
    server = a_server(house.team)
    a_serving_vm(server)
    assert "s3same-open" not in visit("server", server.pk)
    answer = send("server_secrets", server.pk)
    assert "What opens the door for ann" in answer.text and "s3same-open" in answer.text
    assert "k3y-of-ann" not in answer.text
    assert "Copy it" in answer.text  # a button as long as the secret’s name is wider than a phone
    assert "no-store" in answer["Cache-Control"]


def test_it_goes_by_its_name_alone(house, send, sent):
    server = a_server(house.team, name="docs")
    assert "This is not the name of the server." in send("server_delete", server.pk, typed="Docs").text
    assert Server.objects.get().closing_at is None
    assert "docs is being deleted with all its data" in send("server_delete", server.pk, typed="docs").text
    assert Server.objects.get().closing_at
    assert ("runners.tasks.reconciliation.keep_server", {"server_id": server.pk}) in sent


def test_its_vm_leads_to_it_and_can_not_be_retired_by_itself(house, visit, send):
    vm = a_serving_vm(a_server(house.team, name="docs"))
    page = visit("vm", vm.pk)
    assert reverse("server", args=[house.team.slug, vm.server_id]) in page
    assert reverse("vm_retire", args=[house.team.slug, vm.pk]) not in page
    assert "Delete the server to remove both." in send("vm_retire", vm.pk).text
    vm.refresh_from_db()
    assert vm.retire_reason == ""


def test_the_form_that_links_it_has_its_addresses(house):
    vm = a_serving_vm(a_server(house.team, app="woodpecker"))
    fields = runs.forge_fields(vm)
    client, form = client_of("owner", house.team), reverse("connection_new", args=[house.team.slug])
    page = client.get(form, {"server": vm.server_id}).text
    assert f'value="{fields["url"]}"' in page and f'value="{fields["runner_url"]}"' in page


def test_no_link_fills_a_stranger_s_address_into_the_form_that_takes_a_token(house):
    foreign = a_serving_vm(a_server(a_team(), app="woodpecker"))
    client, form = client_of("owner", house.team), reverse("connection_new", args=[house.team.slug])
    asked = {
        "url": "https://evil.example",
        "runner_url": "grpc://evil.example:1",
        "server": foreign.server_id,
    }
    page = client.get(form, asked).text
    assert 'value="https://evil.example"' not in page and runs.forge_fields(foreign)["url"] not in page
