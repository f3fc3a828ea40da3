from django.urls import path

from restaurant.staff.dead_letters import views

urlpatterns = [
    path("dead-letters/", views.page, name="dead_letters"),
    path("dead-letters/press/", views.press, name="dead_letters_press"),
    path("dead-letters/<slug:service>/", views.letters, name="dead_letters_of"),
]
