"""How an order is followed: `GET /api/v1/orders/<id>/events/`, answered by the live process."""

from orders import story
from orders.handlers import MEANINGS
from proto.orders_pb2 import OrderCancelRequested
from restaurant.live.following.followed import Followed
from restaurant.messaging import contracts

following = Followed(
    route="api/v1/orders/<uuid:order_id>/events/",
    permission="orders.view_order",
    database="orders",
    # What is written to a timeline shortly after it was said.
    topics=frozenset(map(contracts.topic_of, (*MEANINGS, OrderCancelRequested))),
    read=story.read,
)
