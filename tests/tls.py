"""A certificate authority that no browser knows, and a relay that speaks TLS by it in front of a plain server."""

import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = timedelta(days=1)


class Authority:
    """Good from yesterday for so many days. `pem` is what one pastes."""

    def __init__(self, name="Example Corp Root", days=365, begins=None, signs=True):
        self.key, self.name = ec.generate_private_key(ec.SECP256R1()), _named(name)
        self.begins = begins or datetime.now(UTC) - DAY
        self.ends = self.begins + days * DAY
        own = self._builder(self.name, self.key).add_extension(
            x509.BasicConstraints(signs, None), critical=True
        )
        self.pem = _pem(own.sign(self.key, hashes.SHA256()))

    def context(self, folder):
        """For a server at 127.0.0.1, with a certificate of ours."""
        key = ec.generate_private_key(ec.SECP256R1())
        at = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = self._builder(_named("127.0.0.1"), key).add_extension(at, critical=False)
        chain = folder / "server.pem"
        chain.write_text(_pem(builder.sign(self.key, hashes.SHA256())) + key_pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    def _builder(self, subject, key):
        number = x509.random_serial_number()
        return x509.CertificateBuilder(self.name, subject, key.public_key(), number, self.begins, self.ends)


class Relay:
    """Takes TLS at `url` and hands all on to the plain server at `port`."""

    def __init__(self, port, context):
        self._listener, self._port, self._context = socket.create_server(("127.0.0.1", 0)), port, context
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):  # stop() closed it
            while True:
                threading.Thread(target=self._carry, args=(self._listener.accept()[0],), daemon=True).start()

    def _carry(self, plain):
        far = socket.create_connection(("127.0.0.1", self._port))
        with far, suppress(OSError), self._context.wrap_socket(plain, server_side=True) as near:
            threading.Thread(target=_pour, args=(far, near), daemon=True).start()
            _pour(near, far)

    def stop(self):
        self._listener.close()


def _pour(source, sink):
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def key_pem(key):
    """A private key, as nobody should paste it."""
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _named(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
