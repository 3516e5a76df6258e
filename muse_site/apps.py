from importlib import import_module

from django.apps import AppConfig, apps
from django.contrib import admin


class MuseSiteConfig(AppConfig):
    name = "muse_site"
    verbose_name = "MUSE"

    def ready(self) -> None:
        """Services send tasks by name, through the Celery application that is the default of the process.

        What people log in with is theirs: the records of the console do not show it.
        """
        import_module("muse_site.celery")
        for model in apps.get_models():
            if model._meta.app_config.name.startswith("allauth.") and admin.site.is_registered(model):
                admin.site.unregister(model)
