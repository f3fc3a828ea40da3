"""A long past for the demo restaurant: months of orders, in all services' books, in minutes.

What became of each order is told once (`story`), and every service writes its own part of that
(`rows`): what its housekeeping would have kept of it by now, and no more.
"""

from restaurant.demo.past.filling import NotEmpty, Past, fill

__all__ = ["NotEmpty", "Past", "fill"]
