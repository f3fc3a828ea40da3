"""A database that does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def database_of(alias: str) -> Iterator[None]:
    """Lead a connection to where no database is. Not in a test's transaction: it would be lost."""
    connection = connections[alias]
    before = connection.settings_dict
    nowhere = {"NAME": "/nowhere/at.all", "HOST": "127.0.0.1", "PORT": "1"}
    connection.close()
    connection.settings_dict = {**before, **nowhere}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
