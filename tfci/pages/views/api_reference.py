"""The reference of the API, rendered from its OpenAPI description."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from tfci.pages import api_examples, markdown
from tfci.pages.api_reference import PREFIX, REASON, Operation, resources
from tfci.pages.manual import API, manual


@login_not_required
def contents(request: HttpRequest) -> HttpResponse:
    """All resources with their operations."""
    before, after = manual().around(API)
    around = {"book": manual(), "name": API, "before": before, "after": after}
    setup = markdown.code(
        f"export FARMHAND={request.build_absolute_uri(PREFIX)}\nexport FARMHAND_TOKEN=fh_..."
    )
    return render(request, "api/contents.html", around | {"resources": resources().values(), "setup": setup})


@login_not_required
def resource(request: HttpRequest, name: str) -> HttpResponse:
    """One resource: its operations with examples and a form to try each, and its objects."""
    if name not in resources():
        raise Http404(gettext("The API has no resource of that name. Its reference lists all."))
    shown = resources()[name]
    operations = [(one, _examples(one)) for one in shown.operations]
    context = {"book": manual(), "name": API, "resource": shown, "operations": operations}
    return render(
        request, "api/resource.html", context | {"resources": resources().values(), "reason": REASON}
    )


def _examples(operation: Operation) -> list[tuple[str, SafeString]]:
    written = [("curl", api_examples.curl(operation)), ("Python", api_examples.python(operation))]
    return [(language, markdown.code(text)) for language, text in written]
