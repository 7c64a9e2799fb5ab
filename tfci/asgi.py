"""The front door of those who wait: agents and live pages."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tfci.settings")

application = get_asgi_application()
