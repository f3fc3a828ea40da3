"""86 and back from a card of the kitchen's board.

At an address of its own, which the staff session alone opens: what is pressed there was pressed on
the board, and a client of the API cannot say so of itself.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import services
from orders.errors import OrderRefused, UnknownItem
from orders.models import MenuItem
from orders.requests import decode_availability
from restaurant import trail
from restaurant.boards.access import press, say


@press("orders.set_availability")
def set_availability(request: HttpRequest, sku: str) -> HttpResponse:
    """Take a dish off the menu, or put it back: `{"available": …}`; pressing twice is once."""
    try:
        available = decode_availability(request.body).available
        action = "put_back" if available else "take_off"
        person = trail.person_of(request, via="kitchen_board")
        with trail.watch(person, MenuItem, action=action, now=timezone.now()):
            services.set_availability(sku=sku, available=available)
    except OrderRefused:
        return say(_("Not done: the board asked for something that cannot be."), status=400)
    except UnknownItem:
        return say(_("Not done: it is not there any more."), status=404)
    return say()


urlpatterns = [path("dishes/<sku:sku>/availability/", set_availability, name="board-availability")]
