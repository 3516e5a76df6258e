"""Fits at work: where their events come from, and how a worker takes one from request to outcome."""
