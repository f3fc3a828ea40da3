"""A day at the restaurant: customers who order over HTTP, and a screen that shows it."""
