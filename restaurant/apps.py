from django.apps import AppConfig

from restaurant import databases


class RestaurantConfig(AppConfig):
    name = "restaurant"

    def ready(self) -> None:
        from restaurant import checks  # noqa: F401 - registers them

        databases.forget_statements()
