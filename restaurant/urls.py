"""URLs of a web process: the staff site, and the API of the services it serves."""

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from restaurant import converters
from restaurant.browsable.root import RootView, ToRoot
from restaurant.csp import live
from restaurant.openapi.views import RedocPage, SchemaView, SwaggerPage

admin.autodiscover()
converters.register()
handler400 = "restaurant.staff.refused.unreadable"
handler403 = "restaurant.staff.refused.not_allowed"
handler404 = "restaurant.staff.refused.not_found"
handler500 = "restaurant.staff.refused.broken"
# One list, looked through once: an include for each service would match the prefix anew. Orders are
# asked for most.
api = [
    pattern
    for service in sorted(settings.SERVICES, key="orders".__ne__)
    for pattern in import_module(f"{service}.api.urls").urlpatterns
]
# Before the admin's own, below whose address they are.
boards = [
    path(f"admin/{service}/board/", include(f"{service}.board.urls"))
    for service in ("kitchen", "delivery")
    if service in settings.SERVICES and apps.is_installed(f"{service}.board")
]
# Where the kitchen's board 86s dishes: of the menu, so of the process that serves it.
dishes = [
    path("admin/kitchen/board/", include("orders.menu.board"))
    for service in ("orders",)
    if service in settings.SERVICES
]
# The menu's pictures, unless another server has them.
media = [
    path(settings.MEDIA_URL.removeprefix("/"), include("orders.menu.urls"))
    for service in ("orders",)
    if service in settings.SERVICES and settings.MEDIA_URL.startswith("/")
]
urlpatterns = [
    # First: addresses are tried one after the other, and these are asked for most.
    path("api/v1/", include([*api, path("", RootView.as_view(), name="root")])),
    *boards,
    *dishes,
    *media,
    path("admin/", include("restaurant.staff.urls")),
    # Before the admin's login; every process that serves the staff site has it.
    path("", include("auth_grpc.site.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("problems/", include("restaurant.problems.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", live(SwaggerPage.as_view()), name="docs"),
    path("api/redoc/", RedocPage.as_view(), name="redoc"),
    path("api/", ToRoot.as_view()),
    # Whoever comes to the bare address: the API's page leads on to all else, the staff site too.
    path("", ToRoot.as_view()),
]
