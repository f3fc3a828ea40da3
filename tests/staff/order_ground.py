"""An order in a town, and the page of it as somebody sees it."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from auth_grpc.models import User
from orders.models import Order
from tests.staff import rows, town

DATABASES = ["default", "orders", "kitchen", "delivery"]
WHY = {"_form_submitted": "True", "reason": "the guest called"}


def an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def client_of(role: str) -> Client:
    """Give the client of somebody new; `role` is a group's name, or "boss"."""
    client = Client()
    email = f"{role}-{User.objects.count()}@staff.example"
    if role == "boss":
        client.force_login(User.objects.create_superuser(email))
        return client
    user = User.objects.create_user(email, is_staff=True, name=role)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def address(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def look(client: Client, order: Order) -> str:
    """Give the words of the page, on one line."""
    answer = client.get(address(order))
    assert answer.status_code == 200, answer.status_code
    return words_of(str(answer.context["body"]))


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(strip_tags(html))).strip()


def step(page: str, title: str, until: str = "Event and payload") -> str:
    """Give the words of one event of the journey."""
    journey = page[page.index(" Journey ") :]
    start = journey.index(f" {title} ")
    return journey[start : journey.index(until, start)]


def press(client: Client, order: Order, deed: str, target: object = "-", **given: Any) -> Any:
    url = reverse("staff:order_press", args=[order.pk, deed, target])
    return client.post(url, {**WHY, **given})


def refusal(answer: Any) -> str:
    """Give why a dialog was shown again."""
    assert answer.status_code == 200, answer
    return " ".join(answer.context["form"].errors["reason"])


def cooked(now: datetime, **fields: Any) -> Order:
    """Place an order and have it cooked; it waits for a courier."""
    rows.station(1, code="oven", name="Oven")
    order = town.place(1, now=now)
    Order.objects.filter(pk=order.pk).update(**fields)
    town.run(now=now, steps=3)
    order.refresh_from_db()
    return order
