"""Search over the whole staff site: orders, people, dishes, couriers, pages (Ctrl + K)."""
