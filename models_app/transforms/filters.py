"""What lists of transforms and fits are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.transforms.models import Fit, Transform
from tenants.filters import Choice, Name, Search, same

INTENT = "Only what belongs to this intent."


class TransformFilters(FilterSet):
    """Filters of one tenant's transforms."""

    q = Search("intent__name", "predictor__name", "reference__name")
    intent = Name("intent__name", help_text=INTENT)
    kind = Choice(Transform.Kind.choices, help_text="Only transforms of this kind.")
    verdict = Choice(same(["enough", "flagged"]), help_text="Only those whose fit said this of its number of events.")

    class Meta:
        model = Transform
        fields: Sequence[str] = ()


class UsedTransformFilters(FilterSet):
    """Filters of the transforms of all tenants that use a predictor or a reference."""

    q = Search("tenant__name", "tenant__slug", "intent__name", "predictor__name")
    kind = Choice(Transform.Kind.choices, help_text="Only transforms of this kind.")

    class Meta:
        model = Transform
        fields: Sequence[str] = ()


class FitFilters(FilterSet):
    q = Search("intent__name", "predictor__name", "error")
    intent = Name("intent__name", help_text=INTENT)
    state = Choice(same(Fit.State.values), help_text="Only fits in this state.")
    source = Choice(same(["recorded", "replay", "sample"]), "source__kind", help_text="Only fits from such events.")

    class Meta:
        model = Fit
        fields: Sequence[str] = ()
