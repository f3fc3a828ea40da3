"""The dead letters of all services on one page: what went wrong, and what became of them."""
