"""Events on their way out and in."""

from restaurant.messaging import models as messaging


class OutboxMessage(messaging.OutboxMessage):
    class Meta(messaging.OutboxMessage.Meta):
        pass


class InboxMessage(messaging.InboxMessage):
    class Meta(messaging.InboxMessage.Meta):
        pass


class DeadLetter(messaging.DeadLetter):
    class Meta(messaging.DeadLetter.Meta):
        pass
