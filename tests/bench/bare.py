"""What the product is compared with: the least that a Django view can do with a delivery.

It verifies the signature and writes delivery and job in one transaction, with two statements of its own and no more:
no middleware, no organisation to find, no pool to choose, nothing that follows.
"""

import hashlib
import hmac
import json
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection as database, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

SECRET = os.environ["BARE_SECRET"].encode()
DELIVERY = "INSERT INTO delivery (delivery_id, event, received_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
JOB = """
    INSERT INTO job (forge_job_id, repository, name, labels, state, queued_at, heard_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (forge_job_id) DO UPDATE SET state = excluded.state
"""


def webhook(request: HttpRequest) -> HttpResponse:
    body, now = request.body, timezone.now()
    due = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(due, request.headers["X-Gitea-Signature"]):
        return HttpResponse(status=403)
    told = json.loads(body)
    job, repository = told["workflow_job"], told["repository"]["full_name"]
    labels = json.dumps(job["labels"])
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(DELIVERY, [request.headers["X-Gitea-Delivery"], request.headers["X-Gitea-Event"], now])
        cursor.execute(
            JOB, [str(job["id"]), repository, job["name"], labels, job["status"], job["created_at"], now]
        )
    return HttpResponse(status=202, headers={"Content-Length": "0"})


urlpatterns = [path("hook", webhook)]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["BARE_HOST"],
            "NAME": "bare",
            "USER": "farmhand",
            "CONN_MAX_AGE": None,
        }
    },
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
)
application = get_wsgi_application()
