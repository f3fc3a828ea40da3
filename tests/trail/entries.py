"""What the trail's tests ask for."""

from typing import Any

from django.test import Client

from auth_grpc.models import User
from restaurant.staff import books
from restaurant.trail.models import trail_of

DATABASES = ["default", "orders", "kitchen", "delivery"]
SERVICES = ("auth_grpc", *books.PIPELINE)


def entries(**conditions: Any) -> list[Any]:
    """Give the entries of all services, the oldest of each first."""
    return [
        entry
        for service in SERVICES
        for entry in trail_of(service).objects.filter(**conditions).order_by("id")
    ]


def only(**conditions: Any) -> Any:
    found = entries(**conditions)
    assert len(found) == 1, [str(entry) for entry in entries()]
    return found[0]


def boss(client: Client, email: str = "boss@example.com") -> Client:
    client.force_login(User.objects.create_superuser(email))
    return client
