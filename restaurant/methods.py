"""What HTTP's methods are for (RFC 9110, 9.2.1)."""

# They give what there is, with its content or without.
READING = frozenset(("GET", "HEAD"))
# They change nothing: those, and the one that asks what may be done.
SAFE = READING | {"OPTIONS"}
