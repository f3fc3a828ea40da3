from django.apps import AppConfig

from restaurant import databases


class RestaurantConfig(AppConfig):
    name = "restaurant"

    def ready(self) -> None:
        databases.forget_statements()
