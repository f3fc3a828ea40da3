from django.apps import AppConfig


class DeliveryBoardConfig(AppConfig):
    name = "delivery.board"
    label = "delivery_board"
