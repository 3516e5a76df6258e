"""What drawing needs, before anything is to be drawn."""

from models_app.figures import language


def draw_first() -> None:
    """Draw a figure for nobody: with the first one Plotly loads the rules for all that figures may have, 10 MiB."""
    figure = language.sides("", ["2026-01-01", "2026-01-02"], {"before": [0.0, 1.0]}, "")
    language.band(figure, [0.0, 1.0], [0.0, 0.0], [1.0, 1.0], language.PLAIN)
    language.across(language.threshold(figure, "", 0.5), "", 0.5)
    language.finished(language.by_day(figure, ["2026-01-01", "2026-01-02"]))
