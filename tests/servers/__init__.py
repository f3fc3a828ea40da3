"""Real servers for tests, without Docker or root, none of which outlives its starter."""
