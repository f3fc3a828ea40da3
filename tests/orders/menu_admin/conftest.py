"""The browser of somebody who may do everything. Django is imported late: it is not set up yet."""

import pytest
from django.test import Client


@pytest.fixture
def client(client: Client) -> Client:
    from auth_grpc.models import User

    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client
