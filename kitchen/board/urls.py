from django.urls import path, re_path

from kitchen.board import views

app_name = "kitchen_board"
urlpatterns = [
    path("", views.board, name="board"),
    path("cards/", views.cards, name="cards"),
    path("around/", views.around, name="around"),
    re_path(
        rf"^tickets/(?P<ticket_id>[0-9]{{1,18}})/(?P<name>{'|'.join(views.MOVES)})/$",
        views.move,
        name="move",
    ),
]
