"""Why the kitchen refuses."""


class KitchenError(Exception):
    """Base of all errors of this service."""


class InvalidOrder(KitchenError):
    """An order that cannot be cooked, whatever is done about it."""


class IllegalTransition(KitchenError):
    """The ticket or its order is not in a state that allows this."""


class StationFull(KitchenError):
    """The station has as many tickets cooking as it can hold."""


class UnknownOrder(KitchenError):
    """There is no such order."""


class UnknownTicket(KitchenError):
    """There is no such ticket."""


class UnknownStation(KitchenError):
    """There is no such station."""
