"""Monitors: a look at each intent after every hour, by what the event consumer has counted of it."""
