"""The staff site's own pages: one folder each, below `/admin/`, before the models' pages."""

from django.urls import URLPattern, URLResolver, include, path

from restaurant.staff.dashboard import urls as dashboard
from restaurant.staff.dead_letters import urls as dead_letters
from restaurant.staff.filters import urls as filters
from restaurant.staff.order import urls as order
from restaurant.staff.pipeline import urls as pipeline
from restaurant.staff.trail import urls as trail

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = [
    path("dashboard/", include(dashboard.urlpatterns)),
    *order.urlpatterns,
    *pipeline.urlpatterns,
    *dead_letters.urlpatterns,
    *filters.urlpatterns,
    *trail.urlpatterns,
]
