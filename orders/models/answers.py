"""What requests were answered that may be sent again."""

from restaurant.idempotency import models as idempotency


class KeptAnswer(idempotency.KeptAnswer):
    """Of all but the requests that place orders: an `IdempotencyKey` and the order tell those."""

    class Meta(idempotency.KeptAnswer.Meta):
        pass
