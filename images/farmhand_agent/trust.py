"""A certificate authority that a forge has of its own: an engine and its job trust it beside the machine's.

Each program has another variable for it: Go and OpenSSL SSL_CERT_FILE, git GIT_SSL_CAINFO, curl CURL_CA_BUNDLE,
Python's requests REQUESTS_CA_BUNDLE, Node.js NODE_EXTRA_CA_CERTS. Most take the file in place of the machine's own, so
it has those as well.
"""

import contextlib
import os

FILE = "authorities.pem"
MACHINE = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")  # Debian's, Fedora's
VARIABLES = ("SSL_CERT_FILE", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def files(order):
    """What is written into the order's folder."""
    return {FILE: f"{system_authorities()}\n{order['authority']}"} if order.get("authority") else {}


def environment(order, folder):
    if not order.get("authority"):
        return {}
    return dict.fromkeys(VARIABLES, os.path.join(folder, FILE))


def system_authorities():
    """The machine's own authorities."""
    for path in MACHINE:
        with contextlib.suppress(OSError), open(path) as file:
            return file.read()
    return ""
