"""The front door of pages, webhooks and the API."""

import os

from django.core.wsgi import get_wsgi_application

from tfci.core.requests import WebRequest
from tfci.core.warmup import steady

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tfci.settings")

application = get_wsgi_application()
application.request_class = WebRequest
steady()
