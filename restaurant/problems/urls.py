from django.urls import path

from restaurant.problems import pages

urlpatterns = [
    path("", pages.index, name="problems"),
    path("<slug:code>/", pages.explain, name="problem"),
]
