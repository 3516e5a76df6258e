"""The two tenants of the wall, as somebody to send odd things to."""

from tests.isolation.conftest import wall as wall
