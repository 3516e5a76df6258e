"""Proposals at work: which routes a proposal changes, and how a worker takes a tenant's line to a change request."""
