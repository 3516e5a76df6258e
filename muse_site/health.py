"""Whether a service lives, whether it is ready, and its measurements. None of it names a tenant: anybody may ask."""

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from muse_site import console_metrics
from muse_site.service.draining import draining
from scoring.consumer.quarantine import quarantined
from scoring.serving import metrics
from scoring.serving.process import serving

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def scoring_readyz(request: HttpRequest) -> HttpResponse:
    """200 once keys and releases are loaded, until the process leaves.

    What does not load is counted: releases before it serve on. So are event tables that cannot be written: what they
    should have waits in quarantine on this machine. `served`: the release of each tenant, by the tenant's number.
    """
    held = serving().state.held
    ready = held.loaded and not draining.began
    content = {
        "ready": ready,
        "releases": len(held.releases),
        "served": {str(tenant): release.number for tenant, release in sorted(held.releases.items())},
        "failed_releases": len(held.failures),
        "lost_events": serving().log.lost,
        "quarantined_tables": len(quarantined(settings.SEGMENTS_DIR)),
    }
    return JsonResponse(content, status=200 if ready else 503)


@require_safe
def console_readyz(request: HttpRequest) -> HttpResponse:
    """200 when Postgres and Valkey answer, until the process leaves."""
    answers = {"database": _database_answers(), "valkey": _valkey_answers()}
    ready = all(answers.values()) and not draining.began
    return JsonResponse({"ready": ready, **answers}, status=200 if ready else 503)


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Measurements for Prometheus."""
    return HttpResponse(metrics.page(), content_type=_TEXT)


@require_safe
def console_metrics_page(request: HttpRequest) -> HttpResponse:
    """The same of the console, with what Postgres says of all tenants; without it while that does not answer."""
    return HttpResponse(metrics.page() + console_metrics.page(), content_type=_TEXT)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong with it, it does not answer
        connection.close()
        return False
    return True


def _valkey_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
