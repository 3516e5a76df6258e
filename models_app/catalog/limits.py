"""What looking at an uploaded model file may use, by the settings."""

from django.conf import settings

from models_app.modelfiles import Limits


def of_checks() -> Limits:
    return Limits(
        file_bytes=settings.ENV["MUSE_MODEL_MAX_BYTES"],
        seconds=settings.ENV["MUSE_MODEL_CHECK_SECONDS"],
        memory_bytes=settings.ENV["MUSE_MODEL_CHECK_BYTES"],
        nodes=settings.ENV["MUSE_MODEL_CHECK_NODES"],
        unconfined=settings.ENV["MUSE_MODEL_CHECK_UNCONFINED"],
    )
