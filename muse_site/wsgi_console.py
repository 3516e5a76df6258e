"""The console service: pages, the control plane's REST API, explaining events."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")

application = get_wsgi_application()
