"""Filters that people keep: what a list shows, under a name of one's own."""
