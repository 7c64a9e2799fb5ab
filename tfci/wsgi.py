"""The front door of pages, webhooks and the API."""

import os

from django.core.wsgi import get_wsgi_application

from tfci.core.processes.parent import end_with_parent
from tfci.core.processes.warmup import warm_up
from tfci.core.requests import WebRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tfci.settings")

end_with_parent()
application = get_wsgi_application()
application.request_class = WebRequest
warm_up()
