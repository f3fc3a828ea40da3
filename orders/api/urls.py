from django.urls import URLPattern, URLResolver, path

from orders.api import following, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("orders/", views.OrderListView.as_view(), name="orders"),
    path("orders/<uuid:order_id>/", views.OrderView.as_view(), name="order"),
    path("orders/<uuid:order_id>/timeline/", views.TimelineView.as_view(), name="order-timeline"),
    path("orders/<uuid:order_id>/events/", following.EventsView.as_view(), name="order-events"),
    path("orders/<uuid:order_id>/cancel/", views.CancelView.as_view(), name="order-cancel"),
    path("menu/", views.MenuView.as_view(), name="menu"),
    path("menu/<sku:sku>/availability/", views.AvailabilityView.as_view(), name="availability"),
]
