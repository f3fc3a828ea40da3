from django.urls import path, re_path

from delivery.board import views

app_name = "delivery_board"
urlpatterns = [
    path("", views.board, name="board"),
    path("cards/", views.cards, name="cards"),
    path("around/", views.around, name="around"),
    re_path(
        rf"^deliveries/(?P<delivery_id>[0-9]{{1,18}})/(?P<name>{'|'.join(views.MOVES)})/$",
        views.move,
        name="move",
    ),
    path("couriers/<uuid:courier_id>/start/", views.start_shift, name="start_shift"),
    path("couriers/<uuid:courier_id>/end/", views.end_shift, name="end_shift"),
    path("couriers/<uuid:courier_id>/undo-end/", views.undo_end_shift, name="undo_end_shift"),
]
