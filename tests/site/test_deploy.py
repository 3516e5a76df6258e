"""Django's own checks of an installation, on production settings."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "MUSE_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "MUSE_HTTPS": "1",
    "MUSE_ALLOWED_HOSTS": "muse.example.com",
    "MUSE_LOG_FORMAT": "json",
}


def test_check_deploy__production_settings__is_clean() -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--database", "default", "--fail-level", "WARNING"]
    # What tests of the browser allow themselves is for nobody's installation.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    environment |= PRODUCTION
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout
