"""A measurement with a database and a Valkey of its own, so that no worker of the product runs meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from tests.engines import Engines
from tfci.management.up import postgres, valkey


def run(module: str, *words: str, **given: str) -> None:
    """`python -m module words` beside fresh engines; `given`: variables that it gets as well."""
    engines = Engines()
    try:
        told = {
            "DJANGO_SETTINGS_MODULE": "tfci.settings",
            "DATABASE_URL": postgres.url(engines.folder),
            "FARMHAND_VALKEY": valkey.url(engines.socket),
            "FARMHAND_HOME": str(engines.folder / "home"),
            "FARMHAND_APPS": str(Path(__file__).parents[1] / "runners/servers/catalogue/apps"),
            "FARMHAND_KEYS": Fernet.generate_key().decode(),
            "SECRET_KEY": Fernet.generate_key().decode(),
            "FARMHAND_LOG_LEVEL": "WARNING",
        }
        subprocess.run([sys.executable, "-m", module, *words], env=os.environ | told | given, check=True)
    finally:
        engines.stop()
