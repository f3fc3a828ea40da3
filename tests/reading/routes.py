"""Every address of the API, with the view behind it."""

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Model
from rest_framework.test import APIClient

from tests.security.routes import Operation


class Route(NamedTuple):
    """An address, and one of its methods."""

    path: str
    method: str
    view: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def url(self) -> str:
        """The address with what nothing has for its parameters."""
        return Operation(self.method, self.path).at()


@cache
def routes() -> list[Route]:
    return sorted(_routes(), key=str)


def _routes() -> Iterator[Route]:
    from drf_spectacular.generators import SchemaGenerator

    generator = SchemaGenerator()
    generator.parse(None, public=True)
    for path, _regex, method, view in generator._get_paths_and_endpoints():
        if path.startswith("/api/v1/"):
            yield Route(path, method, view)


def everybody() -> APIClient:
    """Give a client that may do all that anybody may."""
    from tests.orders.people import client_of, user

    return client_of(user(*chain.from_iterable(map(_rights, apps.get_models()))))


def _rights(model: type[Model]) -> Iterator[str]:
    own = [name for name, _text in model._meta.permissions]
    usual = [f"{verb}_{model._meta.model_name}" for verb in ("view", "add", "change", "delete")]
    yield from (f"{model._meta.app_label}.{name}" for name in (*own, *usual))
