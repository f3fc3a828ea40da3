"""The dispatch board: what dispatchers look at all day."""
