"""Login by the staff site's form, under the same throttle and at the same cost as the API's."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from auth_grpc import services
from auth_grpc.errors import WrongCredentials
from auth_grpc.models import User
from restaurant.addresses import client_address


class ThrottledBackend(ModelBackend):
    """Django's backend, with `services.authenticate` in place of its own look at the password.

    Lets `Throttled` and `Unavailable` pass; `middleware.LoginRefusals` answers them.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        email = username or credentials.get(User.USERNAME_FIELD)
        if email is None or password is None:
            return None
        try:
            return services.authenticate(
                email=str(email),
                password=password,
                address=client_address(request) if request else "",
                now=timezone.now(),
            )
        except WrongCredentials:
            return None
