"""The restaurant's Django project; see README.md for the layout."""

from restaurant.celery import app as celery_app

__all__ = ["celery_app"]
