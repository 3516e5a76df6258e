"""Runs the processes of the product on one machine: starts them in order, restarts what dies, stops cleanly."""

from muse_site.supervisor.lock import AlreadyRunning
from muse_site.supervisor.process import Process
from muse_site.supervisor.supervisor import StartFailed, Supervisor

__all__ = ["AlreadyRunning", "Process", "StartFailed", "Supervisor"]
