"""Who works here: a session for each role, and for those who have none."""

from django.test import Client

from auth_grpc import services as accounts
from auth_grpc.models import Role, User

ROLES = ("nobody", "customer", "kitchen", "dispatch", "manager", "support", "superuser")


def client_of(role: str, *, name: str = "", checks_csrf: bool = False) -> Client:
    """Give a browser in which somebody of this role has logged in; "nobody" has not."""
    client = Client(enforce_csrf_checks=checks_csrf)
    if role == "nobody":
        return client
    email = f"{name or role}@example.com".lower()
    if role == "superuser":
        user = User.objects.create_superuser(email, name=name)
    elif role == "customer":
        user = User.objects.create_user(email, name=name)
    else:
        accounts.create_staff(email=email, password="long enough 7", role=Role(role), name=name)
        user = User.objects.get(email=email)
    client.force_login(user)
    return client
