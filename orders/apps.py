from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from restaurant.signals import answered


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders import refusals

        # Here, since a process's first request may be one that no view sees.
        answered.connect(refusals.count_early)
