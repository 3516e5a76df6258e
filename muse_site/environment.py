"""Every setting that comes from outside, in one table: name, type, default, meaning.

A bad value stops the start and is named. `docs/settings.md` is generated from this table, and a test holds them equal.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muse_site.setting_parsers import (
    choice,
    database,
    flag,
    issuer,
    mail_server,
    networks,
    path,
    place,
    rate,
    seconds,
    sender,
    text,
    url,
    valkey,
    whole,
    words,
)


class BadSetting(SystemExit):
    """Stops the start; the message names the variable, what was expected and what was found."""


@dataclass(frozen=True)
class Variable:
    """One environment variable. `parse` turns its text into a value, and raises ValueError saying what it expected.

    One that `is_secret` may stand in a file instead, which `<name>_FILE` names.
    """

    name: str
    parse: Callable[[str], Any]
    default: str
    meaning: str
    is_secret: bool = False


VARIABLES = (
    Variable(
        "MUSE_DATA", path, ".muse", "Folder of everything this installation keeps; put it on a persistent volume."
    ),
    Variable(
        "MUSE_SECRET_KEY", text, "", "Secret that signs sessions; made and kept in the data folder when empty.", True
    ),
    Variable("MUSE_SESSION_HOURS", whole(1, 720), "12", "Hours after which somebody must log in again."),
    Variable(
        "MUSE_SESSION_IDLE", whole(1, 43_200), "120", "Minutes without doing anything after which they must, too."
    ),
    Variable(
        "MUSE_SECOND_FACTOR",
        flag,
        "0",
        "Who approves, publishes, rolls back or changes what decides over that must have logged in with a second "
        "factor; a tenant's review policy may ask for it where this does not.",
    ),
    Variable(
        "MUSE_OIDC_ISSUER",
        issuer,
        "",
        "Issuer of OpenID Connect whose word on who somebody is counts (single sign-on); empty: there is none.",
    ),
    Variable("MUSE_OIDC_CLIENT_ID", text, "", "What the issuer calls this installation."),
    Variable("MUSE_OIDC_CLIENT_SECRET", text, "", "The secret that the issuer has given this installation.", True),
    Variable("MUSE_OIDC_NAME", text, "your organisation", "What stands on the log-in's button behind “Sign in with”."),
    Variable(
        "MUSE_OIDC_TRUSTS_EMAIL",
        flag,
        "0",
        "The issuer's e-mail addresses count as verified where it says nothing of that; never where it denies it.",
    ),
    Variable("MUSE_DEBUG", flag, "0", "Show details of errors in the browser; never in production."),
    Variable("MUSE_ALLOWED_HOSTS", words, "localhost,127.0.0.1,[::1]", "Host names that the services answer to."),
    Variable(
        "MUSE_BREAK_GLASS",
        flag,
        "0",
        "Platform admins may publish without a change request; the audit trail says so.",
    ),
    Variable(
        "MUSE_CONSOLE_URL",
        url("http", "https"),
        "",
        "Where people reach the console, for links in e-mails and webhooks; empty leaves the host out of them.",
    ),
    Variable(
        "MUSE_SCORING_URL",
        url("http", "https"),
        "",
        "Where clients reach scoring, for lines that they paste; empty: the console's host and `MUSE_SCORING_PORT`.",
    ),
    Variable(
        "MUSE_EMAIL_URL",
        mail_server,
        "",
        "Mail server, as `smtp+starttls://user:password@host:587`; `smtps` is TLS from the start, `smtp` none; "
        "empty sends no e-mail.",
        True,
    ),
    Variable("MUSE_EMAIL_FROM", sender, "MUSE <muse@localhost>", "Address that e-mails come from."),
    Variable(
        "MUSE_WEBHOOK_PRIVATE",
        flag,
        "0",
        "Webhooks may call addresses that are not on the public internet; whoever sets them up can reach those.",
    ),
    Variable("MUSE_HTTPS", flag, "0", "The console is reached over HTTPS: secure cookies, HSTS, redirects."),
    Variable(
        "MUSE_PROXIES",
        whole(0, 9),
        "0",
        "Proxies in front of the console that add to X-Forwarded-For; people's addresses are seen through so many.",
    ),
    Variable(
        "MUSE_SCORING_PROXIES",
        whole(0, 9),
        "0",
        "Proxies in front of scoring that do so; keys that name networks are held to addresses seen through so many.",
    ),
    Variable(
        "MUSE_PROXY_NETWORKS",
        networks,
        "",
        "Networks of these proxies, as `10.0.0.0/8`: X-Forwarded-For of any other caller counts for nothing; "
        "empty believes whoever calls.",
    ),
    Variable(
        "MUSE_LOG_FORMAT", choice("console", "json"), "console", "`console` for people, `json` for log collectors."
    ),
    Variable(
        "MUSE_OTEL_ENDPOINT",
        url("http", "https"),
        "",
        "Where traces go, by OTLP over HTTP, as `http://collector:4318`; empty: none, unless OpenTelemetry's own "
        "`OTEL_EXPORTER_OTLP_ENDPOINT` is set.",
    ),
    Variable(
        "DATABASE_URL",
        database,
        "",
        "Postgres, as the application's role, which owns no table; empty starts an embedded one.",
        True,
    ),
    Variable(
        "DATABASE_OWNER_URL",
        database,
        "",
        "The same database as the role that owns the tables: for migrations and erasing only.",
        True,
    ),
    Variable("REDIS_URL", valkey, "", "Valkey or Redis; empty starts an embedded one.", True),
    Variable("MUSE_HOST", text, "127.0.0.1", "Address that the services listen on."),
    Variable("MUSE_SCORING_PORT", whole(1, 65535), "8100", "Port of the scoring service."),
    Variable("MUSE_CONSOLE_PORT", whole(1, 65535), "8000", "Port of the console."),
    Variable("MUSE_SCORING_WORKERS", whole(1, 256), "2", "Scoring processes on this machine."),
    Variable(
        "MUSE_EXPRESS_LANE",
        flag,
        "1",
        "Well-formed requests for scores are answered in front of Django, no differently, at a fraction of the cost.",
    ),
    Variable(
        "MUSE_QUEUE_SECONDS",
        seconds(0.1, 60),
        "1",
        "Work of batches that may wait in a scoring process; more is refused with 429 or 503 and Retry-After.",
    ),
    Variable(
        "MUSE_PREDICTOR_SECONDS",
        seconds(0.01, 600),
        "2",
        "Processor time that a predictor may take for an event; after one that took more it is left alone for a while.",
    ),
    Variable(
        "MUSE_PREDICTOR_FAILURES",
        whole(1, 1_000_000),
        "5",
        "Failures in a row after which a predictor that something else answers for is left alone for a while.",
    ),
    Variable(
        "MUSE_PREDICTOR_REST_SECONDS",
        seconds(1, 3600),
        "30",
        "Time that a failing predictor is left alone at most, until one event tries it; the first time it is 1 s.",
    ),
    Variable("MUSE_CONSOLE_WORKERS", whole(1, 256), "1", "Console processes on this machine."),
    Variable("MUSE_CELERY_CONCURRENCY", whole(1, 256), "2", "Background tasks that run at once on this machine."),
    Variable(
        "MUSE_CELERY_MAX_BYTES",
        whole(1 << 27, 1 << 50),
        "1_073_741_824",
        "Memory beyond which a process of background tasks ends with the task that took it, and a fresh one goes on.",
    ),
    Variable(
        "MUSE_MACHINE_SLOT", text, "", "Name of this scoring machine, stable over restarts; default: its host name."
    ),
    Variable(
        "MUSE_LAKE", place, "", "Folder of the event tables, or `s3://bucket/path`; default: `lake` in the data folder."
    ),
    Variable(
        "MUSE_FILES",
        place,
        "",
        "Folder of the files of models and samples, or `s3://bucket/path`; default: `files` in the data folder.",
    ),
    Variable(
        "MUSE_S3_ENDPOINT", url("http", "https"), "", "Where the object store answers; empty: Amazon's of the region."
    ),
    Variable("MUSE_S3_REGION", text, "", "Region of the object store; empty: what the environment says."),
    Variable(
        "MUSE_S3_ACCESS_KEY",
        text,
        "",
        "Key to the object store; empty: the environment's, or the machine's role.",
        True,
    ),
    Variable("MUSE_S3_SECRET_KEY", text, "", "The secret that belongs to this key.", True),
    Variable("MUSE_SEGMENT_BYTES", whole(65_536, 1 << 32), "16_777_216", "Size at which a segment file is closed."),
    Variable(
        "MUSE_SEGMENTS_MAX_BYTES",
        whole(1 << 20, 1 << 50),
        "10_737_418_240",
        "Bound of all segments; beyond it events are lost and counted.",
    ),
    Variable(
        "MUSE_QUARANTINE_MAX_BYTES",
        whole(1 << 20, 1 << 50),
        "1_073_741_824",
        "Bound of what is kept for one event table that cannot be written; beyond it its events are lost and counted.",
    ),
    Variable("MUSE_SEGMENT_FSYNC", flag, "0", "Sync segments to disk before answering: safe from power loss, slower."),
    Variable("MUSE_FLUSH_SECONDS", seconds(0.1, 3600), "60", "Age at which the consumer writes events to their table."),
    Variable("MUSE_FLUSH_EVENTS", whole(100, 10_000_000), "100_000", "Number of events at which it does so earlier."),
    Variable(
        "MUSE_RETENTION_DAYS",
        whole(1, 36_500),
        "400",
        "Days since arrival after which events and labels are deleted; a tenant may have days of its own.",
    ),
    Variable(
        "MUSE_STATISTICS_DAYS",
        whole(31, 36_500),
        "400",
        "Days after which counts by minute and hour, also of refused requests, are deleted; those by day after 520 "
        "weeks.",
    ),
    Variable(
        "MUSE_AUDIT_DAYS",
        whole(0, 36_500),
        "0",
        "Days after which `manage.py forget_audit` deletes entries of the audit trail, of tenants for which it is not "
        "to be kept longer. 0: it is kept for good.",
    ),
    Variable(
        "MUSE_NOTIFICATION_DAYS",
        whole(1, 36_500),
        "90",
        "Days after which notifications and the log of their deliveries are deleted.",
    ),
    Variable(
        "MUSE_FALSE_ALARMS_A_YEAR",
        rate(0.001, 100),
        "1",
        "How many incidents of one intent a year may be false alarms, in the mean.",
    ),
    Variable(
        "MUSE_INCIDENT_GROUPING_SECONDS",
        seconds(0, 86_400),
        "600",
        "Time within which incidents of one tenant go to a person as one e-mail; possible attacks go at once.",
    ),
    Variable("MUSE_BATCH_MAX_EVENTS", whole(1, 1_000_000), "10_000", "Events in one batch request."),
    Variable("MUSE_REQUEST_MAX_BYTES", whole(1_024, 1 << 30), "33_554_432", "Size of a request's body."),
    Variable("MUSE_MODEL_MAX_BYTES", whole(1_024, 1 << 33), "209_715_200", "Size of an uploaded model file."),
    Variable("MUSE_MODEL_CHECK_SECONDS", seconds(1, 3600), "120", "Time that the check of a model file may take."),
    Variable("MUSE_MODEL_CHECK_BYTES", whole(1 << 28, 1 << 40), "4_294_967_296", "Memory that the check may take."),
    Variable("MUSE_MODEL_CHECK_NODES", whole(1, 100_000_000), "100_000", "Operators that an ONNX file may run."),
    Variable(
        "MUSE_MODEL_CHECK_UNCONFINED",
        flag,
        "0",
        "Whether model files are checked also on a machine that cannot shut the checking process in; else they are "
        "refused there.",
    ),
    Variable(
        "MUSE_MODEL_TRIAL_SECONDS",
        seconds(0.5, 3600),
        "6",
        "Time that a model may take to load and run when a scoring machine first meets it.",
    ),
    Variable("MUSE_SAMPLE_MAX_BYTES", whole(1_024, 1 << 34), "1_073_741_824", "Size of an uploaded sample of scores."),
    Variable(
        "MUSE_FIT_EXACT_LIMIT",
        whole(1_000, 10_000_000_000),
        "50_000_000",
        "Events up to which a fit sorts them all, a quarter of it where a half-life weighs them; of more it is made of "
        "sketches of its days, and says so.",
    ),
    Variable(
        "MUSE_EVIDENCE_LIMIT",
        whole(1_000, 1_000_000_000),
        "2_000_000",
        "Events of an intent up to which evidence takes them all; of more it takes so many, drawn by their ids.",
    ),
)


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All variables by name, parsed. Raises BadSetting for the first bad value, and for unknown `MUSE_` names."""
    known = {variable.name for variable in VARIABLES}
    known |= {f"{variable.name}_FILE" for variable in VARIABLES if variable.is_secret}
    for name in environ:
        if name.startswith("MUSE_") and name not in known:
            raise BadSetting(f"{name}: there is no such setting; docs/settings.md lists them all")
    values = {variable.name: _value(variable, _raw(variable, environ)) for variable in VARIABLES}
    if values["MUSE_OIDC_ISSUER"] and not values["MUSE_OIDC_CLIENT_ID"]:
        raise BadSetting("MUSE_OIDC_CLIENT_ID: expected beside MUSE_OIDC_ISSUER, found nothing")
    return values


def _raw(variable: Variable, environ: Mapping[str, str]) -> str:
    """Its text: the variable's own, that of the file that holds it, or the default."""
    name = f"{variable.name}_FILE"
    if not variable.is_secret or not environ.get(name):
        return environ.get(variable.name, variable.default)
    if environ.get(variable.name):
        raise BadSetting(f"{name}: expected to be the only one, found {variable.name} beside it")
    try:
        return Path(environ[name]).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{name}: expected a file that can be read, found {error}") from None


def _value(variable: Variable, raw: str) -> Any:
    try:
        return variable.parse(raw)
    except ValueError as error:
        raise BadSetting(f"{variable.name}: expected {error}, found {_shown(variable, raw)}") from None


def _shown(variable: Variable, raw: str) -> str:
    """What was found, without what may be a password: it may be anywhere, and a log is no place for one."""
    if variable.is_secret:
        return f"something else ({len(raw)} characters, which are secret)"
    return repr(re.sub(r"(?<=//).*(?=@)", "…", raw))


def table() -> str:
    """The settings as a Markdown table."""
    rows = [f"| `{v.name}` | {f'`{v.default}`' if v.default else ''} | {v.meaning} |" for v in VARIABLES]
    return "\n".join(["| variable | default | meaning |", "| --- | --- | --- |", *rows])
