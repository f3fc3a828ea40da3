"""Addresses of the order page."""

from django.conf import settings
from django.urls import path

from restaurant.staff.order import views

# At the address of the admin's own page of an order, which comes after it and is never reached:
# so every link that the admin makes to an order leads here, and orders need not know this page.
# What is no number goes on to the admin, which says that there is no such order.
urlpatterns = [
    path("orders/order/<int:number>/change/", views.order, name="order"),
    path("orders/order/<int:number>/now/", views.now, name="order_now"),
    path("orders/order/<int:number>/do/<str:name>/<str:target>/", views.press, name="order_press"),
    path("orders/order/<uuid:order_id>/", views.by_id, name="order_by_id"),
]
if "orders" not in settings.SERVICES:
    urlpatterns = []
