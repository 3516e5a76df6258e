"""Figures that people decide on, as Plotly JSON: one language for all of them."""
