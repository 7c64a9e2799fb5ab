"""An operation of the API as lines to copy: for curl, and for Python without a package."""

import json
import re
import shlex
from urllib.parse import urlencode

from tfci.pages.api_reference import Operation

PYTHONS = {"true": "True", "false": "False", "null": "None"}  # what JSON and Python write differently
PYTHON = re.compile(rf"(?<=: )({'|'.join(PYTHONS)})(?=[,}}\n])")


def curl(operation: Operation) -> str:
    """For a shell that has FARMHAND and FARMHAND_TOKEN."""
    method = [] if operation.method == "GET" else [f"-X {operation.method}"]
    parts = ["curl -sS --fail-with-body", *method, '-H "Authorization: Bearer $FARMHAND_TOKEN"']
    if operation.body:
        text = operation.body_text
        parts += ['-H "Content-Type: application/json"', f"-d {shlex.quote(text)}"]
    return " \\\n  ".join([*parts, f'"$FARMHAND{address(operation)}"'])


def python(operation: Operation) -> str:
    """For Python 3.11 or newer, with FARMHAND and FARMHAND_TOKEN in its environment."""
    headers = ['"Authorization": "Bearer " + os.environ["FARMHAND_TOKEN"],']
    more = [] if operation.method == "GET" else [f'    method="{operation.method}",']
    lines = ["import json, os, urllib.request", ""]
    if operation.body:
        headers.append('"Content-Type": "application/json",')
        more.append("    data=json.dumps(body).encode(),")
        lines += [f"body = {PYTHON.sub(lambda word: PYTHONS[word[0]], operation.body_text)}"]
    lines += [
        "request = urllib.request.Request(",
        f'    os.environ["FARMHAND"] + {json.dumps(address(operation))},',
        "    headers={",
        *(f"        {header}" for header in headers),
        "    },",
        *more,
        ")",
        "with urllib.request.urlopen(request, timeout=30) as answer:",
        f"    print({'answer.read().decode()' if is_text(operation) else 'json.load(answer)'})",
    ]
    return "\n".join(lines)


def address(operation: Operation) -> str:
    """Its path and query below /api/v1, with the examples of its parameters."""
    path = operation.path.format(**{one.name: one.example for one in operation.in_path})
    query = urlencode({one.name: one.example for one in operation.in_query if one.example})
    return f"{path}?{query}" if query else path


def is_text(operation: Operation) -> bool:
    """Whether it answers with something that is no JSON."""
    return not any(answer.shape for answer in operation.answers)
