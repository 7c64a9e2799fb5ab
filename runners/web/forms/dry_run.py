"""What a pool's dry run is to imagine beside what is so."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from runners.jobs import labels
from runners.models import Pool
from runners.reasons.labels import LabelReason
from runners.web.forms import fields

MAX_JOBS = 100


class DryRunForm(forms.Form):
    """As if so many more jobs of one size were queued; none where nothing is said."""

    jobs = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_JOBS, label=gettext_lazy("More jobs")
    )
    size = forms.CharField(label=gettext_lazy("Size"), required=False, max_length=60)

    def __init__(self, pool: Pool, data: Mapping[str, Any]) -> None:
        self.pool = pool
        super().__init__({"size": pool.default_size, **{key: data[key] for key in data}})

    def clean_size(self) -> labels.Size:
        word = fields.read_each(fields.size, [self.cleaned_data["size"] or self.pool.default_size])[0]
        largest = labels.SizeLimits.over(map(labels.Size.parse, self.pool.sizes))
        answer = labels.read([word], (), settings.ANCHOR, labels.Size.parse(word), largest)
        if isinstance(answer, LabelReason):
            raise ValidationError(
                gettext("“{word}” can't be served: {answer}.").format(word=word, answer=answer)
            )
        return answer

    @property
    def imagined(self) -> list[labels.Size]:
        """One for each job; call it once the form is valid."""
        return [self.cleaned_data["size"]] * (self.cleaned_data["jobs"] or 0)
