from django.apps import AppConfig


class RestaurantConfig(AppConfig):
    name = "restaurant"

    def ready(self) -> None:
        from restaurant import checks  # noqa: F401 - registers them
