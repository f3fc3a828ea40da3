"""All that the kitchen's worker does."""

from kitchen import handlers, services
from proto.orders_pb2 import OrderCancelRequested, OrderCreated
from restaurant.messaging.worker import Worker

worker = Worker(
    service="kitchen",
    # In this order within a batch: an order that comes with its cancel is first taken.
    handlers={
        OrderCreated: handlers.create_tickets,
        OrderCancelRequested: handlers.decide_cancellations,
    },
    timers=[services.cook],
    due=services.due,
)
