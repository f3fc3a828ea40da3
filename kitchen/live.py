"""What kitchen screens hear at once: `/live/kitchen/`."""

from proto.kitchen_pb2 import KitchenChanged
from proto.orders_pb2 import MenuChanged, OrderCancelRequested
from restaurant.live.channels import Channel

channel = Channel(
    name="kitchen",
    permission="kitchen.view_ticket",
    tells={
        KitchenChanged: lambda m: {"orders": [*m.order_ids], "stations": [*m.stations]},
        OrderCancelRequested: lambda m: {"orders": [m.order_id]},
        MenuChanged: lambda m: {"skus": [*m.skus]},
    },
)
