"""Public SSH keys: which lines are taken, and the page on which people keep them."""

from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.urls import reverse

from tests.builders import NOON, a_team, a_user
from tests.people import client_of
from tfci.accounts import ssh_keys
from tfci.accounts.models import SSHKey

ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
SHOWN = "SHA256:tAXFyTXI8xtDaujAEcwJslAYc9/6FKcUkd2Lw0xDhPo"  # by ssh-keygen -l of OpenSSH 9.2


def line(key):
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def private(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


# As `ssh-keygen -t ed25519-sk` writes it: the data has the key and its application.
SECURITY_KEY = (
    "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrA"
    "SKGLWdopAAAABHNzaDo="
)


class TestRead:
    @pytest.mark.parametrize(
        "text",
        [line(ED25519), line(ec.generate_private_key(ec.SECP384R1())), SECURITY_KEY],
        ids=["ed25519", "ecdsa", "security key"],
    )
    def test_a_line_of_a_pub_file_is_taken_with_its_comment_apart(self, text):
        key = ssh_keys.read(f"  {text} ada@the office\n")
        assert (key.text, key.comment) == (text, "ada@the office")

    def test_the_fingerprint_is_the_one_that_ssh_keygen_shows(self):
        assert ssh_keys.read(line(ED25519)).fingerprint == SHOWN

    @pytest.mark.parametrize(("bits", "fits"), [(1024, False), (2048, True)])
    def test_an_rsa_key_has_2048_bits_at_least(self, bits, fits):
        text = line(rsa.generate_private_key(65537, bits))
        if fits:
            assert ssh_keys.read(text).text == text
        else:
            with pytest.raises(ssh_keys.InvalidKey, match="2048 bits"):
                ssh_keys.read(text)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "one key"),
            ("hello", "type of the key"),
            ("ssh-ed25519", "damaged"),
            ("ssh-ed25519 AAAA", "damaged"),
            (f"ssh-rsa {line(ED25519).split()[1]}", "damaged"),
            (f"{line(ED25519)[:-8]}", "damaged"),
            (f"{line(ED25519)}\n{line(ED25519)}", "one key"),
            (f"restrict {line(ED25519)}", "without options"),
            (f'command="id" {line(ED25519)}', "without options"),
            (f"{line(ED25519)} {'x' * 101}", "longer than 100"),
            (f"{line(ED25519)} a\x1b[31m", "contains invalid characters"),
            (f"ssh-ed25519-cert-v01@openssh.com {line(ED25519).split()[1]}", "type of the key"),
            ("ssh-dss AAAAB3NzaC1kc3MAAACBAJ", "type of the key"),
        ],
    )
    def test_what_is_no_plain_public_key_is_refused_with_the_reason(self, text, why):
        with pytest.raises(ssh_keys.InvalidKey, match=why):
            ssh_keys.read(text)

    def test_whoever_pastes_a_private_key_is_told_what_it_is_and_it_is_not_repeated(self):
        with pytest.raises(ssh_keys.InvalidKey, match="private key") as refused:
            ssh_keys.read(private(ED25519))
        assert private(ED25519).splitlines()[1] not in str(refused.value)


@pytest.mark.django_db
class TestKept:
    def test_a_person_has_a_key_once(self):
        user, key = a_user(), ssh_keys.read(line(ED25519))
        ssh_keys.add(user, key, "", NOON)
        with pytest.raises(ssh_keys.InvalidKey, match="already"):
            ssh_keys.add(user, key, "another name", NOON)
        ssh_keys.add(a_user(), key, "", NOON)  # who shares one with somebody keeps it too

    def test_ten_are_the_most(self, monkeypatch):
        monkeypatch.setattr(ssh_keys, "MAX_KEYS", 1)
        user = a_user()
        ssh_keys.add(user, ssh_keys.read(line(ED25519)), "", NOON)
        with pytest.raises(ssh_keys.InvalidKey, match="the maximum"):
            ssh_keys.add(user, ssh_keys.read(SECURITY_KEY), "", NOON)

    @pytest.mark.parametrize(
        ("name", "comment", "shown"),
        [("laptop", " ada@home", "laptop"), ("", " ada@home", "ada@home"), ("", "", "SHA256:")],
    )
    def test_it_is_called_as_its_owner_says_or_by_its_comment_or_by_its_fingerprint(
        self, name, comment, shown
    ):
        made = ssh_keys.add(a_user(), ssh_keys.read(line(ED25519) + comment), name, NOON)
        assert made.name.startswith(shown)

    def test_a_vm_gets_kind_and_data_alone(self):
        user = a_user()
        ssh_keys.add(user, ssh_keys.read(f"{line(ED25519)} ada@home"), "", NOON)
        assert ssh_keys.texts(user) == [line(ED25519)]


@pytest.mark.django_db
class TestPage:
    def test_a_key_is_added_shown_and_removed(self):
        client = client_of("viewer", a_team())
        page = client.post(reverse("ssh_keys"), {"key": f"{line(ED25519)} ada@home"}, follow=True).text
        key = SSHKey.objects.get(user=client.user)
        assert "ada@home" in page and key.fingerprint in page
        remove = reverse("ssh_key_remove", args=[key.pk])
        assert key.fingerprint in client.get(remove).text
        client.post(remove)
        assert not SSHKey.objects.exists()

    @pytest.mark.parametrize(
        "wanted, led",
        [
            ("/t/acme/vms/7/#h-debug", "/t/acme/vms/7/#h-debug"),
            ("//evil.example", "/profile/ssh-keys/"),
            ("https://evil.example/", "/profile/ssh-keys/"),
            ("javascript:alert(1)", "/profile/ssh-keys/"),
            ("x", "/profile/ssh-keys/"),
        ],
    )
    def test_whoever_was_sent_for_one_is_led_back_and_nowhere_else(self, wanted, led):
        browser = client_of("stranger", None)
        answer = browser.post(f"{reverse('ssh_keys')}?{urlencode({'next': wanted})}", {"key": line(ED25519)})
        assert answer.url == led

    def test_what_is_wrong_with_a_key_stands_at_its_field(self):
        client = client_of("viewer", a_team())
        assert "damaged or incomplete" in client.post(reverse("ssh_keys"), {"key": "ssh-ed25519 AAAA"}).text
        client.post(reverse("ssh_keys"), {"key": line(ED25519)})
        assert "You already have this key." in client.post(reverse("ssh_keys"), {"key": line(ED25519)}).text

    def test_nobody_removes_the_key_of_another(self):
        theirs = ssh_keys.add(a_user(), ssh_keys.read(line(ED25519)), "", NOON)
        client = client_of("owner", a_team())
        assert client.post(reverse("ssh_key_remove", args=[theirs.pk])).status_code == 404
        assert SSHKey.objects.exists()
