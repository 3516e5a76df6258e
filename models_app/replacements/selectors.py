"""Reading replacements and their lines."""

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import Case, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.replacements.at_once import Judged
from models_app.replacements.models import Replacement, ReplacementLine

# How lines end, and where they are until then: the words of a summary.
OUTCOMES = ("queued", "running", "pass", "repairs", "fail", "not enough events", "failed", "cancelled")


def replacements() -> QuerySet[Replacement]:
    """All, newest first: how many lines each has (`total`), how many have ended (`done`), passed, and are live."""
    rows = Replacement.objects.select_related("author", "replaced", "predictor").order_by("-id")
    active, passed = Q(lines__state__in=ReplacementLine.ACTIVE), Q(lines__verdict__in=Evidence.GOOD)
    live = Q(lines__change_request__state=ChangeRequest.State.PUBLISHED)
    counted = {"done": ~active, "passed": passed, "live": live}
    return rows.annotate(total=Count("lines"), **{name: Count("lines", filter=each) for name, each in counted.items()})


def lines(replacement: Replacement) -> QuerySet[ReplacementLine]:
    """Return lines by tenant, with the present state of their change requests.

    That is `verdict_now`, `verdict_details`, `sentence`, `risk_rose` and `evidence_digest`; `outcome` is one of
    OUTCOMES.
    """
    rows = ReplacementLine.objects.filter(replacement=replacement).order_by("tenant__slug")
    rows = rows.select_related("tenant", "change_request__release").prefetch_related("fits__intent")
    rows = rows.defer("change_request__document", "change_request__routes", "change_request__release__document")
    return rows.annotate(
        verdict_now=_verdict_now(),
        verdict_details=_of_evidence("verdict_details"),
        sentence=_of_evidence("sentence"),
        risk_rose=Coalesce(_of_evidence("risk_rose"), Value(False)),
        evidence_digest=_of_evidence("digest"),
    ).annotate(outcome=_outcome())


def judged(replacement: Replacement) -> list[Judged]:
    """All lines with their verdicts, by tenant, and nothing else of them."""
    rows = ReplacementLine.objects.filter(replacement=replacement).order_by("tenant__slug")
    found = rows.annotate(now=_verdict_now(), p_value=_of_verdict("p_value"), by_chance=_of_verdict("by_chance"))
    return [Judged(*row) for row in found.values_list("tenant__slug", "state", "now", "p_value", "by_chance")]


def _outcome() -> Case:
    """The SQL twin of `outcome`."""
    ended = Q(state=ReplacementLine.State.SUCCEEDED)
    too_few = Q(state=ReplacementLine.State.FAILED, verdict_now=Evidence.Verdict.NOT_ENOUGH)
    return Case(When(ended | too_few, then=F("verdict_now")), default=F("state"))


def summary(lines: Iterable[Judged]) -> Mapping[str, int]:
    """How many lines are where, by OUTCOMES."""
    counts = Counter(outcome(line.state, line.verdict) for line in lines)
    return {each: counts[each] for each in OUTCOMES}


def _verdict_now() -> Coalesce:
    """The verdict of the latest evidence, which may have been requested since; else the line's own."""
    return Coalesce(NullIf(_of_evidence("verdict"), Value("")), F("verdict"))


def _of_evidence(field: str) -> Subquery:
    latest = Evidence.objects.filter(change_request=OuterRef("change_request")).order_by("-id")
    return Subquery(latest.values(field)[:1])


def _of_verdict(name: str) -> Subquery:
    """A number in the latest evidence's verdict; None where it is not there."""
    number = Cast(KeyTextTransform(name, "verdict_details"), FloatField())
    latest = Evidence.objects.filter(change_request=OuterRef("change_request")).order_by("-id")
    return Subquery(latest.annotate(number=number).values("number")[:1])


def outcome(state: str, verdict: str) -> str:
    """Return one of OUTCOMES: what the evidence says, that there are too few events for any, or the line's state."""
    if state == ReplacementLine.State.SUCCEEDED:
        return verdict
    too_few = state == ReplacementLine.State.FAILED and verdict == Evidence.Verdict.NOT_ENOUGH
    return verdict if too_few else state
