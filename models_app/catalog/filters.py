"""What lists of models, predictors and references are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.catalog.models import ModelVersion, PredictorVersion, ReferenceDistribution
from tenants.filters import Choice, Name, Search, same

NAME = "Only versions of this name."


class ModelFilters(FilterSet):
    q = Search("name", "notes")
    name = Name(help_text=NAME)
    state = Choice(same(ModelVersion.State.values), help_text="Only models in this state.")
    file_format = Choice(ModelVersion.Format.choices, help_text="Only models uploaded in this format.")

    class Meta:
        model = ModelVersion
        fields: Sequence[str] = ()


class PredictorFilters(FilterSet):
    q = Search("name", "members__model__name", distinct=True)
    name = Name(help_text=NAME)
    aggregation = Choice(PredictorVersion.Aggregation.choices, help_text="Only predictors that aggregate so.")

    class Meta:
        model = PredictorVersion
        fields: Sequence[str] = ()


class ReferenceFilters(FilterSet):
    q = Search("name", "notes")
    name = Name(help_text=NAME)
    kind = Choice(ReferenceDistribution.Kind.choices, help_text="Only distributions of this kind.")

    class Meta:
        model = ReferenceDistribution
        fields: Sequence[str] = ()
