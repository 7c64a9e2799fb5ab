"""Times on pages are in the reader's own zone."""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin


class ReaderTimeZone(MiddlewareMixin):
    """Activates the zone of the reader's profile; UTC for strangers."""

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[str],
        kwargs: Mapping[str, object],
    ) -> None:
        zone = request.user.time_zone if request.user.is_authenticated else "UTC"
        timezone.activate(ZoneInfo(zone))
