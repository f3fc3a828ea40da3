"""Money and numbers on staff's pages.

Written in `restaurant.amounts`: template filters load before the admin can be imported.
"""

from restaurant.amounts import number, shown

__all__ = ["number", "shown"]
