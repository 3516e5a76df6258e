"""Postgres and Valkey that come with the product: real servers, started from wheels, on unix sockets only.

They are used where `DATABASE_URL` and `REDIS_URL` are not given. Nothing here knows of Django, so that settings,
the supervisor and the tests can all use it.
"""

from muse_site.embedded.errors import EmbeddedServiceError
from muse_site.embedded.paths import remove_run_directory
from muse_site.embedded.postgres import Postgres
from muse_site.embedded.valkey import Valkey, broker_url

__all__ = ["EmbeddedServiceError", "Postgres", "Valkey", "broker_url", "remove_run_directory"]
