from django.apps import AppConfig


class KitchenBoardConfig(AppConfig):
    name = "kitchen.board"
    label = "kitchen_board"
