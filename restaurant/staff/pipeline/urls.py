from django.urls import path

from restaurant.staff.pipeline import views

urlpatterns = [
    path("pipeline/", views.page, name="pipeline"),
    path("pipeline/part/", views.part, name="pipeline_part"),
]
