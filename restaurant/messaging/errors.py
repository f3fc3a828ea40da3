"""What can go wrong with messages."""


class MessagingError(Exception):
    """Base of the package's errors."""


class NotAnEvent(MessagingError):
    """The message type names no topic and key in its .proto file."""


class InvalidMessage(MessagingError):
    """The message's bytes or headers cannot be read; trying again cannot help."""


class BrokerUnavailable(MessagingError):
    """The broker did not take or give messages; trying again may help."""


class NoReason(MessagingError):
    """A reason must be given."""
