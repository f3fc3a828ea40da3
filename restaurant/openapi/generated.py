"""The API's schema, generated once for each language: the first time takes a process a second.

It tells of every operation, whoever asks. So nothing of a request is in it but its language.
"""

from functools import cache
from typing import Any

from django.utils.translation import override

Json = dict[str, Any]


@cache
def schema(language: str) -> Json:
    """Give the schema with its labels in a language. Only to be read: all who ask share it."""
    # Loads the views, whose settings name what loads this.
    from drf_spectacular.generators import SchemaGenerator

    with override(language):
        found: Json = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found
