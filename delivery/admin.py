from django.contrib import admin

from delivery.models import DeadLetter, InboxMessage, OutboxMessage
from restaurant.admin_parts import DeadLetterPage, InboxPage, OutboxPage


@admin.register(OutboxMessage)
class OutboxAdmin(OutboxPage):
    pass


@admin.register(InboxMessage)
class InboxAdmin(InboxPage):
    pass


@admin.register(DeadLetter)
class DeadLetterAdmin(DeadLetterPage):
    service = "delivery"
