"""Incidents: what monitors have found out of the ordinary, from its beginning to its end."""
