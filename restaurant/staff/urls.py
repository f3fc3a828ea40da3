"""The staff site's own pages: one folder each, below `/admin/`, before the models' pages."""

from django.urls import URLPattern, URLResolver

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = []
