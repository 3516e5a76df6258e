"""Successors: shadows that are tried beside what is live, and proposed by themselves once they have beaten it."""
