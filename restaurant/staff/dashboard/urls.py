from django.urls import path, re_path

from restaurant.staff.dashboard import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("look/", views.look, name="dashboard_look"),
    path("count/", views.count, name="dashboard_count"),
    re_path("^export/(?P<kind>csv|xlsx)/$", views.download, name="dashboard_export"),
]
