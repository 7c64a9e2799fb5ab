"""Where a repository's workflows are to be moved to."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from runners.jobs.labels import NAMED
from runners.models import Pool
from tfci.forges.models import Connection


class MoveForm(forms.Form):
    """Of one link. `repositories` are those that it brings, as far as they are listed."""

    repository = forms.ChoiceField()
    pool = forms.ModelChoiceField(
        Pool.objects.none(), empty_label=None, help_text="The jobs get the labels of this pool."
    )
    size = forms.ChoiceField(
        required=False,
        choices=[("", "default of the pool"), *((name, name) for name in NAMED)],
        help_text="All jobs get the same size; you can change it in the pull request.",
    )
    every = forms.BooleanField(
        required=False,
        label="Migrate jobs with other labels too",
        help_text="Otherwise only jobs for GitHub’s own Linux runners, like ubuntu-latest.",
    )

    def __init__(
        self, connection: Connection, repositories: list[str], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["repository"]).choices = [(name, name) for name in repositories]
        alive = Pool.objects.of(connection.team).filter(closing_at=None, connections=connection)
        cast("forms.ModelChoiceField[Pool]", self.fields["pool"]).queryset = alive.order_by("position", "pk")
