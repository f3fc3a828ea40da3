"""All that the delivery worker does."""

from delivery import handlers, services
from proto.kitchen_pb2 import OrderCooked
from restaurant.messaging.worker import Worker

worker = Worker(
    service="delivery",
    handlers={OrderCooked: handlers.plan_deliveries},
    timers=[services.drive],
    due=services.due,
)
