"""Certificates: whom a client trusts, and for how long it waits."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.core.test_http_client import PRIVATE, always, names, ok, serve
from tfci.core.http_client import Broken, Client, Policy, TimedOut

__all__ = ["names", "serve"]


# TLS


@pytest.fixture
def certificate(tmp_path):
    """A certificate for forge.test that signs itself: (path of certificate, path of key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "forge.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("forge.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


@pytest.fixture
def secure(serve, names, certificate):
    """A server that speaks TLS as forge.test and notes which name it was asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = serve(always(ok()), tls=context)
    server.asked_for = []
    context.sni_callback = lambda _, name, __: server.asked_for.append(name)
    names["forge.test"] = names["other.test"] = ["127.0.0.1"]
    return server


def test_a_private_authority_is_trusted_where_the_policy_names_it(secure, certificate):
    policy = Policy(allow_private=True, authority=certificate[0].read_text())
    assert Client(f"https://forge.test:{secure.port}", policy).request("GET", "/").status == 200
    assert secure.asked_for == ["forge.test"]


def test_an_unknown_authority_is_not_trusted(secure):
    with pytest.raises(Broken, match="not trusted: self-signed certificate"):
        Client(f"https://forge.test:{secure.port}", PRIVATE).request("GET", "/")


def test_a_certificate_for_another_name_is_not_trusted(secure, certificate):
    policy = Policy(allow_private=True, authority=certificate[0].read_text())
    with pytest.raises(Broken, match="not trusted: Hostname mismatch"):
        Client(f"https://other.test:{secure.port}", policy).request("GET", "/")


def test_a_silent_tls_server_is_bounded_in_time(serve):
    server = serve(always(ok()))
    with pytest.raises(TimedOut):
        Client(f"https://127.0.0.1:{server.port}", PRIVATE, timeout=0.3).request("GET", "/")
