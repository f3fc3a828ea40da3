"""What dispatch screens hear at once: `/live/delivery/`."""

from proto.delivery_pb2 import DeliveryChanged
from restaurant.live.channels import Channel

channel = Channel(
    name="delivery",
    permission="delivery.view_delivery",
    tells={DeliveryChanged: lambda m: {"orders": [*m.order_ids], "couriers": [*m.courier_ids]}},
)
