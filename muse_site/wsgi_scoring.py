"""The scoring service, one process of it. Loading this module loads what is served, and starts the watcher."""

import gc
import os
import sys
from collections.abc import Callable
from typing import Any

from django.core.wsgi import get_wsgi_application


def start() -> Callable[..., Any]:
    """Ready to answer, with everything that could be loaded."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "muse_site.settings_scoring"
    handler = get_wsgi_application()
    from scoring.serving.process import gated, in_front_of, serving  # Django has to be set up first

    sys.setswitchinterval(0.0005)  # a request that waits for the watcher's thread gets its turn after this, not 5 ms
    serving().watcher.load_first()
    serving().watcher.start()
    gc.collect()
    gc.freeze()  # what is loaded now stays; the collector need not walk through it again and again
    return gated(in_front_of(handler))


def stuck() -> bool:
    """Whether a request is neither answered nor worked on."""
    from scoring.serving.process import serving

    return serving().stuck.look()


application = start()
