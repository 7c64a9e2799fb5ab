"""The ASGI process, as uvicorn loads it."""

import os
import subprocess
import sys


def test_it_answers_agents_only_and_loads_no_pages():
    program = (
        "import sys, tfci.asgi; from django.urls import get_resolver; "
        "print(*sorted({str(p.pattern) for p in get_resolver().url_patterns})); "
        "get_resolver().resolve('/agent/claim'); "
        "print(*(name for name in sys.modules if name.startswith(('runners.web.views', 'runners.web.forms'))))"
    )
    environment = os.environ | {"FARMHAND_PROCESS": "agents"}
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, timeout=60)
    assert answer.stdout.decode().split() == ["agent/"], answer.stderr.decode()
