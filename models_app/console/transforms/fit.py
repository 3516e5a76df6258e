"""One fit: watching it, and how good its transform is."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404

from models_app.console.transforms import quality
from models_app.console.transforms.provenance import proposing, recipe, source_in_words
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Code, Facts, Note, Panel, Progress, badge, link, log_lines, when
from models_app.transforms import selectors
from models_app.transforms.fits import cancel_fit
from models_app.transforms.models import Fit
from tenants.permissions import may
from tenants.roles import Permission


class CancelFit(ActionForm["FitPage"]):
    in_dialog = True
    name, label, needs, danger = "cancel", "Cancel fit", Permission.FIT, True
    warning, success = "Cancel this fit? Its work so far is lost.", "Fit cancelled."
    way_out = "Keep it running"

    def is_offered(self) -> bool:
        return super().is_offered() and self.page.is_busy()

    def perform(self) -> None:
        page = self.page
        cancel_fit(actor=page.person, tenant=page.tenant, fit=page.fit)


class FitPage(TenantPage):
    """How good is this transform?"""

    tab, subject, actions = "fits", "fit", (CancelFit,)

    @cached_property
    def fit(self) -> Fit:
        rows = selectors.fits(self.tenant).select_related("transform__reference", "transform__intent")
        return get_object_or_404(rows, pk=self.kwargs["fit"])

    def heading(self) -> str:
        return f"Fit {self.fit.pk} of {self.fit.intent.name}"

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (*super().breadcrumbs(), ("Fits", self.at("fits")))

    def badges(self) -> Sequence[Cell]:
        return (badge(self.fit.state),)

    def is_busy(self) -> bool:
        return self.fit.state in Fit.ACTIVE

    def links(self) -> Sequence[tuple[str, str]]:
        over = may(self.person, Permission.FIT, self.tenant) and not self.is_busy()
        again = (("Fit again", self._again()),) if over else ()
        return (*proposing(self, self.fit.transform), *again) if self.fit.transform else again

    def live_panels(self) -> Iterable[Panel]:
        fit = self.fit
        if self.is_busy():
            yield Progress(fit.progress, fit.state, log_lines(fit.log))
        if fit.error:
            yield Note(fit.error, "bad", "Fit failed")
        if fit.state == Fit.State.CANCELLED:
            yield Note("No transform was created. Fit again if you need one.", heading="Fit cancelled")

    def panels(self) -> Iterable[Panel]:
        if self.fit.transform:
            yield quality.verdict(self.fit.transform)
            yield quality.numbers(self.fit.transform)
            yield from quality.panels(self.fit.transform)
        yield from self._facts()

    def _facts(self) -> Iterable[Panel]:
        fit, slug = self.fit, self.tenant.slug
        transform = link(f"transform {fit.transform_id}", "transform", tenant=slug, transform=fit.transform_id or 0)
        yield Facts(
            [
                *recipe(self, fit),
                ("Source", Cell(source_in_words(fit.source))),
                ("Method", Cell("sketched, day by day" if fit.sketched else "sorted")),
                ("Transform", transform if fit.transform_id else Cell("–")),
                ("Requested", when(fit.created_at)),
                ("By", Cell(fit.created_by or "–")),
                ("Done", when(fit.finished_at)),
            ],
            title="Details",
        )
        if not self.is_busy() and fit.log:
            yield Code("\n".join(log_lines(fit.log)), "Log", folded=True)

    def _again(self) -> str:
        """The form for a fit, filled in with this recipe."""
        fit = self.fit
        query = {"intent": fit.intent.name, "predictor": fit.predictor.key, "reference": fit.reference.key}
        source = {
            name: fit.source[name] for name in ("days", "half_life_days", "sample", "routes") if name in fit.source
        }
        return f"{self.at('new_fit')}?{urlencode({**query, 'source': fit.source['kind'], **source}, doseq=True)}"
