"""The staff site's sessions: Django's in the database, with whose they are beside their content.

Django's own table does not tell that, and who ends somebody's sessions has to know.
"""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from auth_grpc.models import StaffSession, User
from restaurant.addresses import client_address, normal_address

OPENED = "opened"
USER_AGENT_LENGTH = 200


class SessionStore(DatabaseStore):
    """Named by `SESSION_ENGINE`."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        row = super().create_model_instance(data)
        assert isinstance(row, StaffSession)  # noqa: S101 - the class above says so
        opened: dict[str, Any] = data.get(OPENED) or {}
        row.user_id = _user_id(data)
        row.opened_at = parse_datetime(opened.get("at", ""))
        row.address = opened.get("address")
        row.user_agent = opened.get("user_agent", "")
        return row


def note_login(sender: object, request: HttpRequest | None, **_: Any) -> None:
    """Keep when and where a session was opened; hears Django's `user_logged_in`."""
    if request is None:
        return
    request.session[OPENED] = {
        "at": timezone.now().isoformat(),
        "address": normal_address(client_address(request)),
        "user_agent": request.headers.get("User-Agent", "").replace("\0", "")[:USER_AGENT_LENGTH],
    }


def _user_id(data: dict[str, Any]) -> Any:
    try:
        return User._meta.pk.to_python(data.get(SESSION_KEY))
    except ValidationError:
        return None
