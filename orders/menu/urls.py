"""The addresses of the menu's pictures, below `MEDIA_URL`."""

from django.urls import path

from orders.menu.serving import picture

app_name = "menu"
urlpatterns = [path("menu/<str:file>", picture, name="picture")]
