"""What the ground floor tells services that it does not know."""

from django.dispatch import Signal

# Sent with `request` and `code` when an error of the API is answered by the middleware: before any
# view had the request, or after one broke.
answered = Signal()
