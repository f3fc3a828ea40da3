"""What clients send in bodies, read strictly: what a schema does not name is refused."""
