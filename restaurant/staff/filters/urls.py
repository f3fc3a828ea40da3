from django.contrib import admin
from django.urls import path

from restaurant.staff.filters import views

urlpatterns = [
    path("filters/keep/", admin.site.admin_view(views.keep), name="keep_filter"),
    path("filters/<int:pk>/drop/", admin.site.admin_view(views.drop), name="drop_filter"),
]
