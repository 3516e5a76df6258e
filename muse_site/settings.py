"""Django's settings. What comes from outside is read in environment.py; this file only arranges it."""

import secrets
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.messages import constants as messages
from psycopg.conninfo import conninfo_to_dict

from muse_site import embedded, environment
from muse_site.logs import logging_config
from muse_site.look import UNFOLD as UNFOLD
from muse_site.setting_parsers import MailServer

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = environment.read()

DATA_DIR: Path = ENV["MUSE_DATA"]
DEBUG: bool = ENV["MUSE_DEBUG"]
ALLOWED_HOSTS: list[str] = ENV["MUSE_ALLOWED_HOSTS"]


def _secret_key() -> str:
    """From outside, else made once and kept in the data folder, readable by its owner only."""
    if ENV["MUSE_SECRET_KEY"]:
        return str(ENV["MUSE_SECRET_KEY"])
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret_key"
    if not path.exists():
        temporary = DATA_DIR / f"secret_key.{secrets.token_hex(4)}"
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(64))
        with suppress(FileExistsError):
            path.hardlink_to(temporary)  # only one of several processes that start together wins
        temporary.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()


def _folder_of(package: str) -> Path:
    """Where it lies, without importing it: every process reads these settings, and few need the package."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "django_scopes",
    "pgtrigger",
    "pghistory",
    *(LOG_IN_APPS := ["allauth", "allauth.account", "allauth.mfa", "allauth.socialaccount"]),
    "muse_site",
    "tenants",
    "scoring",
    "models_app",
]

# The console's. The scoring service has no sessions, no people and no database: muse_site/wsgi_scoring.py.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "muse_site.caching.KeepNothing",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.middleware.ScopeMiddleware",
    "muse_site.large_forms.RefuseLargeForms",
]

ROOT_URLCONF = "muse_site.urls_console"
WSGI_APPLICATION = "muse_site.wsgi_console.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "models_app.console.people.log_in.frame",
            ]
        },
    }
]


# ---- services -------------------------------------------------------------------------------------------------------


def _database(url: str) -> dict[str, Any]:
    found = dict(conninfo_to_dict(url))
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{key: found.pop(name, "") for key, name in named.items()},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, **found},
    }


_postgres, _valkey = embedded.Postgres(DATA_DIR), embedded.Valkey(DATA_DIR)
DATABASE_URL: str = ENV["DATABASE_URL"] or _postgres.app_url
DATABASE_OWNER_URL: str = ENV["DATABASE_OWNER_URL"] or ENV["DATABASE_URL"] or _postgres.owner_url
REDIS_URL: str = ENV["REDIS_URL"] or _valkey.url

# "default" is the application's role, which owns no table and is subject to row-level security.
# "owner" makes the tables and erases tenants.
DATABASES = {"default": _database(DATABASE_URL), "owner": _database(DATABASE_OWNER_URL)}

CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = ENV["MUSE_CELERY_MAX_BYTES"] // 1024
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 3}
CELERY_BEAT_SCHEDULE = {
    "take up work whose worker died": {"task": "models_app.tasks.resume_stalled_work", "schedule": 10.0},
    "end change requests that nobody decided": {"task": "models_app.tasks.expire_changes", "schedule": 300.0},
    "renew evidence when labels have come": {"task": "models_app.tasks.renew_evidence", "schedule": 3600.0},
    "write down what came of releases": {"task": "models_app.tasks.write_down_what_came", "schedule": 3600.0},
    "deliver notifications that are due": {"task": "models_app.tasks.deliver_due", "schedule": 10.0},
    "tell of tables in quarantine": {"task": "models_app.tasks.tell_of_quarantined_tables", "schedule": 10.0},
    "tell of degraded events": {"task": "models_app.tasks.tell_of_degraded_events", "schedule": 30.0},
    "forget notifications of long ago": {"task": "models_app.tasks.forget_notifications", "schedule": 24 * 3600.0},
    "forget decision changes of events beyond retention": {
        "task": "models_app.tasks.forget_decision_changes",
        "schedule": 24 * 3600.0,
    },
    "look at what was scored in the last hour": {"task": "models_app.tasks.order_looks", "schedule": 300.0},
    "judge incidents of all intents together": {"task": "models_app.tasks.judge_incidents", "schedule": 300.0},
    "forget looks of long ago": {"task": "models_app.tasks.forget_looks", "schedule": 24 * 3600.0},
    "make refreshes that are due": {"task": "models_app.tasks.order_refreshes", "schedule": 300.0},
    "take back refreshes that have left their bounds": {
        "task": "models_app.tasks.take_back_strayed",
        "schedule": 300.0,
    },
    "judge shadows whose trial is over": {"task": "models_app.tasks.order_trials", "schedule": 3600.0},
    "compact event tables": {"task": "scoring.tasks.compact_tables", "schedule": 3600.0},
    "delete events beyond retention": {"task": "scoring.tasks.apply_retention", "schedule": 24 * 3600.0},
    "forget what keys let in on days beyond retention": {"task": "scoring.tasks.forget_days", "schedule": 24 * 3600.0},
    "forget what was counted long ago": {"task": "scoring.tasks.forget_counts", "schedule": 24 * 3600.0},
}

# ---- e-mail ---------------------------------------------------------------------------------------------------------

_mail: MailServer | None = ENV["MUSE_EMAIL_URL"]
if _mail is not None:
    EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.security == "tls", _mail.security == "starttls"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV["MUSE_EMAIL_FROM"]
EMAIL_TIMEOUT = 10

# ---- events, files --------------------------------------------------------------------------------------------------

LAKE: str = ENV["MUSE_LAKE"] or str(DATA_DIR / "lake")
OBJECT_STORE: dict[str, str] = {
    each: ENV[f"MUSE_S3_{each.upper()}"] for each in ("endpoint", "region", "access_key", "secret_key")
}
SEGMENTS_DIR = DATA_DIR / "segments"
SERVING_CACHE_DIR = DATA_DIR / "serving"
FILES: str = ENV["MUSE_FILES"] or str(DATA_DIR / "files")
MEDIA_ROOT = Path(FILES)
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "muse_site" / "vendored" / "static", ("plotly", _folder_of("plotly") / "package_data")]
STORAGES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "scoring.store.objects.ObjectStorage", "OPTIONS": {"place": FILES}}
        if "://" in FILES
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50_000  # an intent's features come as rows of fields
DATA_UPLOAD_MAX_MEMORY_SIZE = ENV["MUSE_REQUEST_MAX_BYTES"]

# ---- people, safety -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tenants.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "console:home"
PROXIES: int = ENV["MUSE_PROXIES"]
AXES_CLIENT_IP_CALLABLE = "tenants.address.client_address"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"

# A second factor and single sign-on: docs/adr/0010-allauth-behind-our-log-in.md.
ACCOUNT_ADAPTER = "models_app.sign_in.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # admins make people, and links go to their addresses
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_FORMS = {"reauthenticate": "models_app.console.people.second_factor_forms.ConfirmPasswordForm"}
SOCIALACCOUNT_ADAPTER = "models_app.sign_in.single_sign_on.SocialAdapter"
MFA_ADAPTER = "models_app.sign_in.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # steps of half a minute by which a telephone's clock may be off
MFA_FORMS = {
    name: f"models_app.console.people.{form}"
    for name, form in {
        "authenticate": "second_factor_forms.AuthenticateForm",
        "reauthenticate": "second_factor_forms.ConfirmForm",
        "activate_totp": "second_factor_forms.ActivateForm",
        "authenticate_webauthn": "passkey_forms.AuthenticatePasskeyForm",
        "login_webauthn": "passkey_forms.LogInPasskeyForm",
        "reauthenticate_webauthn": "passkey_forms.ConfirmPasskeyForm",
        "add_webauthn": "passkey_forms.AddPasskeyForm",
        "edit_webauthn": "passkey_forms.NamePasskeyForm",
    }.items()
}

PASSWORD_RESET_TIMEOUT = 24 * 3600
SESSION_COOKIE_AGE = 3600 * ENV["MUSE_SESSION_HOURS"]
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV["MUSE_HTTPS"]
SECURE_HSTS_SECONDS = 31_536_000 if ENV["MUSE_HTTPS"] else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV["MUSE_HTTPS"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV["MUSE_HTTPS"] else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
X_FRAME_OPTIONS = "DENY"

# Unfold sets styles in attributes. No inline script is allowed, and none that is made of text: see muse_site/vendored.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# ---- REST -----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.api.authentication.PersonalTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],  # tenants.api.bodies reads them
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "tenants.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MUSE",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tenants.api.problem_schema.document_problems",
        "tenants.api.problem_schema.tell_null_from_anything",
    ],
    "DESCRIPTION": "Stable risk scores: swap the model, keep the alerts.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ChangeState": "models_app.models.ChangeRequest.State",
        "IncidentKind": "models_app.models.Incident.Kind",
        "IncidentState": "models_app.models.Incident.State",
        "PolicyChangeKind": "models_app.models.PolicyChange.Kind",
        "ReferenceKind": "models_app.models.ReferenceDistribution.Kind",
        "TransformKind": "models_app.models.Transform.Kind",
        "ModelState": "models_app.models.ModelVersion.State",
        "VerdictReason": "models_app.api.verdicts.REASONS",
        "FitState": "models_app.models.Fit.State",
        "Verdict": "models_app.models.Evidence.Verdict",
    },
}

# ---- the rest -------------------------------------------------------------------------------------------------------

# By the console's own look: how a note of each level is drawn.
MESSAGE_TAGS = {
    messages.DEBUG: "good",
    messages.INFO: "good",
    messages.SUCCESS: "good",
    messages.WARNING: "wait",
    messages.ERROR: "bad",
}
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = logging_config(ENV["MUSE_LOG_FORMAT"])

if "pytest" in sys.modules:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
