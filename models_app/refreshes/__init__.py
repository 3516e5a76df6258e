"""Refreshes: live transforms fitted anew on a schedule, with a change request for each."""
