"""How the alerts of a segment change beside the intent's where few alert on a side: exactly, by a binomial.

Of so many alerts before and after together, each would be one of after by the same chance. That some events alert on
both sides, so that both sides differ less than this says, leaves it on the safe side.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from models_app.statistics.evidence.beside import Alerting, Margin
from scoring.engine.probability import FloatArray

_LEAST_SHARE = 1e-9  # of alerts before: what is told stays a number that can be read


@dataclass(frozen=True)
class Few:
    """A segment's alerts `before` and `after`, as many as independent ones would tell as much as these do.

    `ratio`: of the whole intent's alerts after to those before.
    """

    before: float
    after: float
    ratio: float

    def p_within(self, tolerance: float) -> float:
        """How likely alerts change this far beside the intent where the truth is at the tolerance's nearer edge.

        The conditional test of two Poisson means (Przyborowski and Wilenski, Biometrika 31, 1940, 313 to 323).
        """
        more = _or_more(self.after, self.before, _share(self.ratio * (1.0 + tolerance)))
        fewer = _or_more(self.before, self.after, 1.0 - _share(self.ratio * max(0.0, 1.0 - tolerance)))
        return min(more, fewer)

    def beside(self, confidence: float) -> Margin | None:
        """The change beside the intent's as a share, and its interval; None where none alerts before.

        Clopper and Pearson's interval (Biometrika 26, 1934, 404 to 413) of the share of alerts that are after.
        """
        if not self.before:
            return None
        aside = (1.0 - confidence) / 2.0
        low = float(special.betaincinv(self.after, self.before + 1.0, aside)) if self.after else 0.0
        # The share that is before, at its lowest: that after is so near to 1 for few that it would be rounded to it.
        rest = max(_LEAST_SHARE, float(special.betaincinv(self.before, self.after + 1.0, aside)))
        odds = (self.after / self.before, low / (1.0 - low), (1.0 - rest) / rest)
        middle, least, most = (each / self.ratio - 1.0 for each in odds)
        return middle, least, most


def few(whole: Alerting, inside: FloatArray) -> Few:
    """Of the alerts `inside` a segment, (m,), as `beside.difference` has them.

    Where they come in clusters they are divided by the design effect, as Korn and Graubard do (Survey Methodology 24,
    1998, 193 to 201).
    """
    before, after = (float(np.sum(inside * each)) for each in (whole.before, whole.after))
    alike = (before + after) / (1.0 + whole.ratio)
    effect = max(1.0, whole.influence(inside, alike, whole.ratio * alike)[1].factor)
    return Few(before / effect, after / effect, whole.ratio)


def _share(ratio: float) -> float:
    """Of the alerts on both sides, the share that is after, where there are so many times as many."""
    return ratio / (1.0 + ratio)


def _or_more(count: float, others: float, share: float) -> float:
    """The chance of so many or more, of all, each by this chance; counts may be broken."""
    return float(special.betainc(count, others + 1.0, share)) if count else 1.0
