"""A web application that reads what it is sent, and takes a moment to answer: what stands behind the front in tests."""

import time
from urllib.parse import parse_qs

MOMENT = 0.05  # seconds; ?wait=2.5 asks for more


def application(environ: dict, start_response) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    [wait] = parse_qs(environ["QUERY_STRING"]).get("wait", [MOMENT])
    time.sleep(float(wait))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(body)).encode()]
