"""What can go wrong when looking across services."""

from restaurant.databases import URL_VARIABLES, alias_of
from restaurant.told import Told


class StaffError(Told):
    """Base of the package's errors."""


class BookMissing(StaffError):
    """A service's database is needed and not configured here."""

    def __init__(self, service: str) -> None:
        variable = URL_VARIABLES[alias_of(service)]
        super().__init__(f"{service}: its database is not configured here ({variable})")
        self.service = service


class StillBusy(StaffError):
    """A service is not as still as what is asked for needs it to be."""
