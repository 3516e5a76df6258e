from importlib import import_module

from django.apps import AppConfig, apps


class ModelsConfig(AppConfig):
    name = "models_app"
    verbose_name = "Models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system check; and what notes second factors, where people log in: scoring knows of none."""
        import_module("models_app.checks")
        if apps.is_installed("allauth.mfa"):
            import_module("models_app.sign_in.factors")
