"""How long answers are kept."""

from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.utils import timezone

from restaurant.idempotency.models import kept_answers_of

pytestmark = pytest.mark.django_db(databases=["orders", "kitchen", "delivery"])
SERVICES = ("orders", "kitchen", "delivery")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_keeps_its_answers_for_a_day(service: str):
    model = kept_answers_of(service)
    for hours in (23, 25):
        model.objects.create(
            user_id=uuid4(),
            route="POST /api/v1/",
            key=str(hours),
            request_hash="",
            status=200,
            headers={},
            body=b"{}",
            created_at=timezone.now() - timedelta(hours=hours),
        )
    import_module(f"{service}.tasks").purge()
    assert model.objects.get().key == "23"
