from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.test import Client


@pytest.fixture
def at_noon() -> Iterator[None]:
    """Everything happens at `NOW`."""
    from tests.staff.dashboard.ground import NOW

    with patch("django.utils.timezone.now", return_value=NOW):
        yield


@pytest.fixture
def manager(client: Client) -> Client:
    from auth_grpc.models import User

    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client
