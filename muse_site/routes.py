"""By which address a request is answered, as the product writes it: without the names that stand in it."""

from django.urls import Resolver404, resolve

from muse_site.service.environ import Environ
from scoring.serving.express import ENDPOINTS

_WATCHING = frozenset({"/healthz", "/livez", "/readyz", "/metrics"})


def of_scoring(environ: Environ) -> str | None:
    """None for what is not for clients."""
    path: str = environ["PATH_INFO"]
    return path if path in ENDPOINTS else None


def of_console(environ: Environ) -> str | None:
    """None for what watches over the service; "" where nothing is."""
    path: str = environ["PATH_INFO"]
    if path in _WATCHING:
        return None
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return ""
