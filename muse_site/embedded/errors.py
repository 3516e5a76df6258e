"""The one error of the embedded services."""


class EmbeddedServiceError(RuntimeError):
    """An embedded service is not installed, may not run here, or did not start; the message says the way out."""
