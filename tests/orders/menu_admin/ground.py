"""What the tests of the menu's pages stand on."""

from typing import Any

from django.test import Client
from django.urls import reverse

from auth_grpc.models import User
from orders.models import MenuItem

LIST = "/admin/orders/menuitem/"


def person(*permissions: str) -> Client:
    """Give the browser of somebody who may do just this."""
    from django.contrib.auth.models import Permission

    user = User.objects.create_user("some@example.com", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=permissions, content_type__app_label="orders")
    )
    browser = Client()
    browser.force_login(user)
    return browser


def person_less() -> Client:
    browser = Client()
    user, _new = User.objects.get_or_create(email="nobody@example.com", defaults={"is_staff": True})
    browser.force_login(user)
    return browser


def form_of(sku: str) -> dict[str, Any]:
    """Give what a dish's form sends when nothing is changed."""
    item = MenuItem.objects.get(sku=sku)
    data: dict[str, Any] = {
        "name": item.name,
        "sku": item.sku,
        "category": item.category_id,
        "description": item.description,
        "price": str(item.price),
        "station": item.station,
        "preparation_seconds": item.preparation_seconds,
    }
    groups = list(item.option_groups.all())
    data |= formset("option_groups", len(groups))
    for g, group in enumerate(groups):
        at = f"option_groups-{g}"
        options = list(group.options.all())
        data |= row(at, group, "name", "min", "max", "position") | {f"{at}-item": item.pk}
        data |= formset(f"{at}-options", len(options))
        for o, option in enumerate(options):
            place = f"{at}-options-{o}"
            data |= row(place, option, "sku", "name", "price", "position")
            data[f"{place}-group"] = group.pk
    return data


def formset(prefix: str, count: int) -> dict[str, Any]:
    return {f"{prefix}-TOTAL_FORMS": count, f"{prefix}-INITIAL_FORMS": count}


def row(prefix: str, of: Any, *names: str) -> dict[str, Any]:
    return {f"{prefix}-id": of.pk} | {f"{prefix}-{name}": getattr(of, name) for name in names}


def change(client: Client, dish: str, /, **values: Any) -> Any:
    pk = MenuItem.objects.get(sku=dish).pk
    return client.post(reverse("admin:orders_menuitem_change", args=[pk]), form_of(dish) | values)


def errors(answer: Any) -> str:
    """Give the page that says what is wrong; the form was not taken."""
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text
