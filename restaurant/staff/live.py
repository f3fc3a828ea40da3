"""What makes a dashboard look again: `/live/dashboard/`."""

from proto.delivery_pb2 import DeliveryChanged
from proto.kitchen_pb2 import KitchenChanged
from restaurant.live.channels import Channel

# Only that something has changed: one look shows all of it, however much it was.
channel = Channel(
    name="dashboard",
    permission="staff.view_dashboard",
    tells={KitchenChanged: lambda m: {}, DeliveryChanged: lambda m: {}},
)
