"""Where a repository's workflows are to be moved to."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from runners.jobs.labels import NAMED
from runners.models import Pool
from tfci.forges.models import Connection


class MoveForm(forms.Form):
    """Of one link. `repositories` are those that it brings, as far as they are listed."""

    repository = forms.ChoiceField(label=_("Repository"))
    pool = forms.ModelChoiceField(
        Pool.objects.none(),
        label=_("Pool"),
        empty_label=None,
        help_text=_("The jobs get the labels of this pool."),
    )
    size = forms.ChoiceField(
        label=_("Size"),
        required=False,
        choices=[("", _("default of the pool")), *((name, name) for name in NAMED)],
        help_text=_("All jobs get the same size; you can change it in the pull request."),
    )
    every = forms.BooleanField(
        required=False,
        label=_("Migrate jobs with other labels too"),
        help_text=_("Otherwise only jobs for GitHub’s own Linux runners, like ubuntu-latest."),
    )

    def __init__(
        self, connection: Connection, repositories: list[str], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["repository"]).choices = [(name, name) for name in repositories]
        alive = Pool.objects.of(connection.team).filter(closing_at=None, connections=connection)
        cast("forms.ModelChoiceField[Pool]", self.fields["pool"]).queryset = alive.order_by("position", "pk")
