from tests.orders.conftest import menu, menu_file, placed_here

__all__ = ["menu", "menu_file", "placed_here"]
