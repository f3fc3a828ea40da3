"""Why the delivery service refuses."""


class DeliveryError(Exception):
    """Base of all errors of this service."""


class IllegalTransition(DeliveryError):
    """The delivery is not in a state that allows this."""


class Overtaken(DeliveryError):
    """Somebody else was first."""


class CourierUnavailable(DeliveryError):
    """The courier is not on shift, or carries as much as they may."""


class ShiftUnchanged(DeliveryError):
    """The courier's shift has started or ended already."""


class UnknownDelivery(DeliveryError):
    """There is no such delivery."""


class UnknownCourier(DeliveryError):
    """There is no such courier."""
