"""What can go wrong with messages."""

from django.utils.translation import gettext_lazy as _

from restaurant.told import Told


class MessagingError(Told):
    """Base of the package's errors."""


class NotAnEvent(MessagingError):
    """The message type names no topic and key in its .proto file."""


class InvalidMessage(MessagingError):
    """The message's bytes or headers cannot be read; trying again cannot help."""


class BrokerUnavailable(MessagingError):
    """The broker did not take or give messages; trying again may help."""


class NoReason(MessagingError):
    text = _("A reason must be given.")
