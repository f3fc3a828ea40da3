"""Months of a busy restaurant: the past that `manage.py fill` makes up."""

from datetime import datetime

from tests.benchmarks.system import System

DAYS = 90


def write(system: System, *, count: int, now: datetime) -> None:
    """Write so many orders of ninety days, the last of them placed `now` (UTC).

    The databases must be fresh: the demo's menu and couriers take the place of the benchmarks'.
    """
    from delivery.models import Courier
    from restaurant.demo import house
    from restaurant.demo.past import Past, fill

    system.manage("import_menu", str(house.MENU))
    Courier.objects.all().delete()
    fill(Past(orders=count, days=DAYS, now=now))
