"""The front door, with doors that break: what people see then."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.urls import path

from tfci.urls import urlpatterns as house


@login_not_required
def fault(request, kind):
    raise {"400": SuspiciousOperation, "403": PermissionDenied, "500": RuntimeError}[kind]


urlpatterns = [*house, path("fault/<kind>/", fault)]
