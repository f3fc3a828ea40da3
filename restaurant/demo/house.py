"""The demo restaurant: its menu, kitchen, couriers and staff, each laid in only where missing.

What is already there stays as it was left: a second day goes on with the first one's data.
"""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from auth_grpc import services as accounts
from auth_grpc.models import Role, User
from delivery.models import Courier
from kitchen.models import Station
from orders.menu.importing import import_menu
from orders.models import MenuItem
from restaurant.demo.customers import FIRST, NAMES, PASSWORD

MENU = Path(__file__).with_name("menu.yaml")
# Code → name, and how many tickets cook there at once.
STATIONS = {
    "oven": ("Pizza oven", 16),
    "grill": ("Grill", 14),
    "fry": ("Fryers", 10),
    "cold": ("Cold kitchen", 10),
    "bar": ("Bar", 6),
}
COURIERS = (
    "Amir", "Bea", "Carlos", "Dana", "Emil", "Fatima",
    "Gustav", "Hana", "Ivan", "Julia", "Kofi", "Lena",
)  # fmt: skip
LOAD_LIMIT = 6
STAFF_DOMAIN = "staff.example"
SUPERUSER = "admin"
STAFF = (Role.MANAGER, Role.KITCHEN, Role.DISPATCH, Role.SUPPORT)


def furnish() -> None:
    """Lay in what is missing. The databases must be migrated; doing it again changes nothing."""
    lay_in()
    _hire_staff()
    if not User.objects.filter(email=FIRST).exists():
        accounts.register(email=FIRST, password=PASSWORD, name=NAMES[0])


def lay_in() -> None:
    """Lay in what is missing of menu, stations and couriers, and no accounts."""
    if not MenuItem.objects.exists():
        import_menu(MENU)
    _build_stations()
    _hire_couriers()


def is_new() -> bool:
    """Tell whether these are a production system's databases in which nothing was ever laid in.

    False where they cannot be read, and on a development machine, whose files are another's.
    """
    if settings.DEBUG:
        return False
    try:
        return not any(kind.objects.exists() for kind in (MenuItem, Station, Courier))
    except (DatabaseError, ImproperlyConfigured):
        return False


def staff_logins() -> list[str]:
    """Give the e-mail of each staff user; the password is the customers', `PASSWORD`."""
    return [f"{name}@{STAFF_DOMAIN}" for name in (SUPERUSER, *STAFF)]


def _build_stations() -> None:
    for code, (name, capacity) in STATIONS.items():
        Station.objects.get_or_create(code=code, defaults={"name": name, "capacity": capacity})


def _hire_couriers() -> None:
    if not Courier.objects.exists():
        Courier.objects.bulk_create(
            Courier(name=name, on_shift=True, load_limit=LOAD_LIMIT) for name in COURIERS
        )


def _hire_staff() -> None:
    hired = set(User.objects.filter(email__in=staff_logins()).values_list("email", flat=True))
    superuser = f"{SUPERUSER}@{STAFF_DOMAIN}"
    if superuser not in hired:
        User.objects.create_superuser(superuser, PASSWORD, name="Admin")
    for role in STAFF:
        email = f"{role}@{STAFF_DOMAIN}"
        if email not in hired:
            accounts.create_staff(email=email, password=PASSWORD, role=role, name=str(role.label))
