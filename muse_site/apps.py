from django.apps import AppConfig


class MuseSiteConfig(AppConfig):
    name = "muse_site"
    verbose_name = "MUSE"
