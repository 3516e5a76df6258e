from importlib import import_module

from django.apps import AppConfig


class MuseSiteConfig(AppConfig):
    name = "muse_site"
    verbose_name = "MUSE"

    def ready(self) -> None:
        """Services send tasks by name, through the Celery application that is the default of the process."""
        import_module("muse_site.celery")
