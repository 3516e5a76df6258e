"""The console service: pages, the control plane's REST API, explaining events."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from muse_site import tracing
from muse_site.service.naming import named
from muse_site.service.server import Served


def start() -> Served:
    """Ready to answer."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")
    application = named(get_wsgi_application(), always=True)
    from muse_site import routes  # Django has to be set up first
    from scoring.memory import settle

    if (spans := tracing.start("muse-console")) is not None:
        application = spans.wsgi(application, routes.of_console)
    get_resolver().url_patterns  # noqa: B018 — loads all pages, else the first request would
    settle()
    return Served(application)


served = start()
application = served.application
