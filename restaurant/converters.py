"""What stands for what in an address, as in `<key:pk>`."""

from django.urls import register_converter
from django.urls.converters import IntConverter, StringConverter, UUIDConverter


class KeyConverter(IntConverter):
    """A table's key: no number that a database would choke on."""

    regex = "[0-9]{1,18}"


class SkuConverter(StringConverter):
    """A dish's SKU: no character that a database would choke on."""

    regex = r"[^/\x00-\x1f\x7f]+"


def register() -> None:
    """Make them known to Django, once, before any address that has them."""
    register_converter(KeyConverter, "key")
    register_converter(SkuConverter, "sku")
    # Written in lower case, and read in either (RFC 9562, 4). Django's own converter, which may not
    # be replaced under its name, by which logs and metrics know the routes.
    UUIDConverter.regex = "-".join(f"[0-9a-fA-F]{{{length}}}" for length in (8, 4, 4, 4, 12))
