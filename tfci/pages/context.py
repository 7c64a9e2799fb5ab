"""What every template may use."""

from django.conf import settings

from tfci.accounts.requests import SiteRequest
from tfci.core.tft import Tft
from tfci.pages import legal


def everywhere(request: SiteRequest) -> dict[str, object]:
    """The product's name and address, whether its mail is sent or only printed, whether a new team
    starts with TFT, which legal texts its
    operator provides, and the nonce that lets its scripts run."""
    return {
        "product": settings.NAME,
        "site_url": settings.URL,
        "mail_is_printed": not settings.EMAIL_HOST,
        "starter_grant": bool(Tft.parse(settings.GRANT)),
        "legal": legal.provided(),
        "csp_nonce": request.csp_nonce,
    }
