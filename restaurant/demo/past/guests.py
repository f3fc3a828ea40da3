"""The auth service's part: customers' accounts, and where they are logged in."""

from collections.abc import Sequence
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from auth_grpc.models import RefreshToken, Role, Session, User
from restaurant.demo.customers import PASSWORD
from restaurant.demo.past.ground import Customer, Ground
from restaurant.demo.past.moments import new_id, written
from restaurant.demo.past.story import Story
from restaurant.demo.past.tables import Book, Table

# One in so many orders of the last days is placed after a new login.
A_LOGIN = 8
DEVICES = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X)",
    "Mozilla/5.0 (Linux; Android 16; Pixel 9)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
)


class GuestBook(Book):
    """Users in the role of customers, their sessions and refresh tokens."""

    def __init__(self, ground: Ground, now: float, chance: Random) -> None:
        self._chance, self._now = chance, now
        self._lasts = settings.REFRESH_TOKEN_LIFETIME.total_seconds()
        self._users = Table(
            *(User, "id", "password", "is_superuser", "email", "name", "is_staff", "is_active"),
            "date_joined",
        )
        self._roles = Table(User.groups.through, "user_id", "group_id")
        self._sessions = Table(
            *(Session, "id", "user_id", "created_at", "used_at", "expires_at", "address"),
            *("user_agent", "revoked_reason"),
        )
        self._tokens = Table(RefreshToken, "id", "session_id", "expires_at", "spent_at")
        super().__init__("default", self._users, self._roles, self._sessions, self._tokens)
        self._register(ground.customers)

    def _register(self, customers: Sequence[Customer]) -> None:
        # One hash, and one password, for all: a hash of their own would take each 50 ms.
        password, role = make_password(PASSWORD), Group.objects.get(name=Role.CUSTOMER).pk
        for one in customers:
            joined = written(one.joined)
            row = (one.id, password, 0, one.email, one.name, 0, 1, joined)
            self._users.rows.append(row)
            self._roles.rows.append((one.id, role))

    def tell(self, story: Story) -> None:
        """Write down the login before an order, if there was one and it is still kept."""
        opened = story.placed - 300
        expires = opened + self._lasts
        if expires <= self._now or story.dice % A_LOGIN:
            return
        session, device = new_id(opened, self._chance), DEVICES[story.dice % len(DEVICES)]
        address, at, until = f"203.0.113.{story.dice % 250}", written(opened), written(expires)
        self._sessions.rows.append((session, story.customer.id, at, at, until, address, device, ""))
        self._tokens.rows.append((new_id(opened, self._chance), session, until, None))
