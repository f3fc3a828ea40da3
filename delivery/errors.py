"""Why the delivery service refuses."""

from django.utils.translation import gettext_lazy as _

from restaurant.told import Told


class DeliveryError(Told):
    """Base of all errors of this service."""


class IllegalTransition(DeliveryError):
    text = _("The delivery is not in a state that allows this.")


class Overtaken(DeliveryError):
    text = _("Somebody else was first.")


class CourierUnavailable(DeliveryError):
    text = _("The courier is not on shift, or carries as much as they may.")


class ShiftUnchanged(DeliveryError):
    text = _("The courier's shift has started or ended already.")


class UnknownDelivery(DeliveryError):
    text = _("There is no such delivery.")


class UnknownCourier(DeliveryError):
    text = _("There is no such courier.")
