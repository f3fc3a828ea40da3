"""DRF authentication by access token."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class TokenUser:
    """Who sent a request, as the auth service tells; stands in for Django's `User`."""

    id: uuid.UUID
    session_id: uuid.UUID
    roles: frozenset[str]
    permissions: frozenset[str]
    is_staff: bool

    is_authenticated = True
    is_anonymous = False
    is_active = True

    @property
    def pk(self) -> uuid.UUID:
        return self.id

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Tell whether the user has a Django permission such as `kitchen.view_ticket`."""
        return perm in self.permissions

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return self.permissions.issuperset(perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self.permissions)

    def __str__(self) -> str:
        return str(self.id)


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        return None
