"""Where forges may be, and how VMs call them."""

import pytest

from tfci.forges import addresses


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("http://127.0.0.1:3000", "http://10.0.2.100:3000"),
        ("http://localhost:3000/gitea", "http://10.0.2.100:3000/gitea"),
        ("http://localhost", "http://10.0.2.100"),
        ("https://gitea.example.org", ""),
        ("http://192.168.1.5:3000", ""),
    ],
)
def test_vms_call_a_forge_on_our_loopback_by_the_name_that_this_computer_has_there(settings, url, seen):
    settings.HOST_FOR_VMS = "10.0.2.100"
    assert addresses.seen_by_vms(url) == seen


def test_where_they_share_our_loopback_they_call_what_we_call(settings):
    settings.HOST_FOR_VMS = ""
    assert addresses.seen_by_vms("http://127.0.0.1:3000") == ""
