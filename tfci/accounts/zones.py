"""Times on pages are in the reader's own zone."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin


class ReaderTimeZone(MiddlewareMixin):
    """Activates the zone of the reader's profile; UTC for strangers."""

    def process_view(self, request, view, args, kwargs):
        zone = request.user.time_zone if request.user.is_authenticated else "UTC"
        timezone.activate(ZoneInfo(zone))
