"""The ASGI process, as uvicorn loads it."""

import os
import subprocess
import sys


def test_it_loads_and_answers_agents_only():
    program = (
        "import tfci.asgi; from django.urls import get_resolver; "
        "print(*sorted({str(p.pattern) for p in get_resolver().url_patterns}))"
    )
    environment = os.environ | {"FARMHAND_PROCESS": "agents"}
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, timeout=60)
    assert answer.stdout.decode().split() == ["agent/"], answer.stderr.decode()
