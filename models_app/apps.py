from importlib import import_module

from django.apps import AppConfig, apps


class ModelsConfig(AppConfig):
    name = "models_app"
    verbose_name = "Models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system check; and what notes how people log in: scoring knows nothing of that."""
        import_module("models_app.checks")
        if apps.is_installed("allauth.mfa"):
            import_module("models_app.sign_in.factors")
            import_module("models_app.sign_in.links")
            import_module("models_app.sign_in.notices")
