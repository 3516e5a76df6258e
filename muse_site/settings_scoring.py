"""Settings of the scoring service: those of the product, with its own addresses and as little as can be before them.

No sessions, no people, no CSRF: clients are programs with keys, which are checked in memory.
"""

from muse_site.settings import *  # noqa: F403
from muse_site.settings import INSTALLED_APPS as ALL_APPS
from muse_site.settings import LOG_IN_APPS, LOGGING, STORAGES, TEMPLATES

INSTALLED_APPS = [name for name in ALL_APPS if name not in LOG_IN_APPS]
ROOT_URLCONF = "muse_site.urls_scoring"
WSGI_APPLICATION = "muse_site.wsgi_scoring.application"
MIDDLEWARE = [
    "muse_site.middleware.content_length",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
]

# Its one page, the documentation, knows of no people either.
TEMPLATES = [
    {**each, "OPTIONS": {"context_processors": ["django.template.context_processors.request"]}} for each in TEMPLATES
]

# The only static files are those of the documentation's page, straight from their package.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True

# A client's mistake is told to the client, with its reason; a line in the log for each would drown the rest.
LOGGING = {**LOGGING, "loggers": {**LOGGING["loggers"], "django.request": {"level": "ERROR"}}}
