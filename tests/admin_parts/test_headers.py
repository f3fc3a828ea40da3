"""A list's headers: worked out once a page, however many rows there are."""

from unittest.mock import Mock

import pytest
from django.test import Client
from django.urls import reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from restaurant.admin_parts import headers
from tests.admin_parts.test_paging import URL, refusals

pytestmark = pytest.mark.django_db(databases=["default", "orders"])


def test_it_works_them_out_once_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    refusals(9)
    work_out = Mock(side_effect=headers._work_out)
    monkeypatch.setattr(headers, "_work_out", work_out)
    shown = client.get(reverse(URL), {"o": "-2"})
    assert len(shown.context["cl"].result_list) == 9
    assert work_out.call_count == 1
    # The headers still order the list by their columns.
    assert 'href="?o=2"' in shown.text
