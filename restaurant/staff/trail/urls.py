from django.urls import path

from restaurant.staff.trail import views

urlpatterns = [
    path("trail/", views.trail, name="trail"),
    path("trail/export/", views.export_trail, name="trail_export"),
]
