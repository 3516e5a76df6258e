"""Telling people and programs what happened: written with what it tells, delivered afterwards, at least once."""
