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
        Pool.objects.none(), empty_label=None, help_text="Its labels are what the jobs get."
    )
    size = forms.ChoiceField(
        required=False,
        choices=[("", "the pool’s default"), *((name, name) for name in NAMED)],
        help_text="All jobs get the same one; it can be changed in the pull request.",
    )
    every = forms.BooleanField(
        required=False,
        label="Move jobs of other labels too",
        help_text="Else only those that ask for GitHub’s own Linux machines, like ubuntu-latest.",
    )

    def __init__(
        self, connection: Connection, repositories: list[str], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["repository"]).choices = [(name, name) for name in repositories]
        alive = Pool.objects.of(connection.team).filter(closing_at=None, connections=connection)
        cast("forms.ModelChoiceField[Pool]", self.fields["pool"]).queryset = alive.order_by("position", "pk")
