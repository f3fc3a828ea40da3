"""Why the kitchen refuses."""

from django.utils.translation import gettext_lazy as _

from restaurant.told import Told


class KitchenError(Told):
    """Base of all errors of this service."""


class InvalidOrder(KitchenError):
    text = _("An order that cannot be cooked, whatever is done about it.")


class IllegalTransition(KitchenError):
    text = _("The ticket or its order is not in a state that allows this.")


class AlreadyAcknowledged(IllegalTransition):
    text = _("Somebody else was first.")


class StationFull(KitchenError):
    text = _("The station has as many tickets cooking as it can hold.")


class UnknownOrder(KitchenError):
    text = _("There is no such order.")


class UnknownTicket(KitchenError):
    text = _("There is no such ticket.")


class UnknownStation(KitchenError):
    text = _("There is no such station.")
