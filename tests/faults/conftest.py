from tests.live.conftest import product

__all__ = ["product"]
