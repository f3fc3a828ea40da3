"""The staff site's own pages: one folder each, below `/admin/`, before the models' pages."""

from django.urls import URLPattern, URLResolver, include, path

from restaurant.staff.dashboard import urls as dashboard
from restaurant.staff.order import urls as order

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = [
    path("dashboard/", include(dashboard.urlpatterns)),
    *order.urlpatterns,
]
