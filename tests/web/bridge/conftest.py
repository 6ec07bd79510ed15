"""The same site and the same people as for the pages of the waitlist."""

from tests.web.waitlist.conftest import coordinator, keeper, town

__all__ = ["coordinator", "keeper", "town"]
