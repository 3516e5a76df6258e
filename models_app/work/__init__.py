"""Long work: rows that a worker takes up, one attempt at a time, and that survive its death.

A kind of long work is one class, a LongWork (models.py) with `KIND`, its name, and `WORK`, the function that does it.
Whoever makes a row gives it to a worker by `give_out_after_commit` (workers.py, where rows of every kind are run, and
given out again if a worker died or a message was lost). The function holds its row by an Attempt (lease.py).
"""
