#!/usr/bin/env python
"""Django's command line; `manage.py up` starts everything."""

import os
import sys

from django.core.management import execute_from_command_line

from tenants.origin import Origin, writing

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")
    with writing(Origin(what=f"command {' '.join(sys.argv[1:2])}")):
        execute_from_command_line(sys.argv)
