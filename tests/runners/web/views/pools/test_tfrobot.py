"""Pools from and to files of tfrobot, on pages: looked at first, then made."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from runners.models import Pool
from tests.builders import a_node, a_pool
from tests.people import client_of
from tests.runners.pools.tfrobot.test_reader import WHOLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(house):
    for number in (901, 902, 903):
        a_node(node_id=number, region="Europe", certified=True)
    return client_of("owner", house.team)


def take(house):
    return reverse("pools_import", args=[house.team.slug])


def made():
    return Pool.objects.exclude(name="default")


def test_a_file_is_shown_as_a_pool_before_it_is_one(owner, house):
    page = owner.post(take(house), {"tfrobot": WHOLE}).content.decode()
    assert "1 pool to create" in page and "node_groups[0].nodes_count" in page
    assert "hunter2" not in page.partition("Import report")[2]
    assert not made().exists()


def test_and_made_on_a_second_word(owner, house):
    answer = owner.post(take(house), {"tfrobot": WHOLE, "make": "1"}, follow=True)
    assert "group_a is created." in answer.content.decode()
    assert made().get().min_vms == {"1cpu3gbram40gbssd": 5}


def test_an_upload_stands_in_the_form_so_that_the_second_word_needs_no_second_upload(owner, house):
    file = SimpleUploadedFile("conf.yaml", WHOLE.encode())
    page = owner.post(take(house), {"file": file}).content.decode()
    assert "1 pool to create" in page and "name: group_a" in page.partition("<textarea")[2]
    assert not made().exists()


def test_an_upload_can_be_made_at_once(owner, house):
    file = SimpleUploadedFile("conf.yaml", WHOLE.encode())
    owner.post(take(house), {"file": file, "make": "1"})
    assert made().get().name == "group_a"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 200_000, b"nothing"])
def test_an_upload_that_is_none_is_refused_with_a_sentence(owner, house, content):
    answer = owner.post(take(house), {"file": SimpleUploadedFile("conf.yaml", content)})
    assert answer.status_code == 200 and "is-wrong" in answer.content.decode()


def test_very_many_mistakes_make_no_long_page(owner, house):
    keys = "".join(f"  k{number}: x\n" for number in range(4_500))
    answer = owner.post(take(house), {"tfrobot": WHOLE.replace("ssh_keys:\n", f"ssh_keys:\n{keys}")})
    assert answer.text.count("is not a public") == 50
    assert len(answer.content) < 300_000  # half of it is the file


def test_a_pool_is_a_download(owner, house):
    pool = a_pool(team=house.team, name="Night shift")
    answer = owner.get(reverse("pool_export", args=[house.team.slug, pool.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="night_shift.yaml"'
    assert b"node_groups:" in answer.content


def test_one_that_tfrobot_can_not_deploy_says_why(owner, house):
    pool = a_pool(team=house.team, sizes=["small", "64x"])
    answer = owner.get(reverse("pool_export", args=[house.team.slug, pool.pk]), follow=True)
    assert "tfrobot deploys VMs of at most 32 processors" in answer.content.decode()
