"""A process that is kept running, and how its restarts stand."""

from muse_site.supervisor.process import Child, Process


class Kept:
    """`child` is the one that runs now; `start_at`, in monotonic seconds, when another may be started in its place."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.child: Child | None = None
        self.healthy = False
        self.deaths = 0
        self.start_at = 0.0
