"""Requests that may be sent again: the same key and body have one effect, and one answer.

The `Idempotency-Key` header is that of draft-ietf-httpapi-idempotency-key-header. A service keeps
what it answered in a `KeptAnswer` table in its own database, as it has an outbox, in the very
transaction that did what the request asked: a crash leaves both or neither.

    from restaurant.idempotency.keyed import keyed

    class BumpView(APIView):
        @extend_schema(responses={200: TicketSerializer})
        @keyed(using="kitchen")
        def post(self, request, ticket_id): ...

A key belongs to its user and route. Answered again is what was done; a refusal (4xx) and a failure
(5xx) changed nothing and are not kept, so that the same key may try once more.
"""
