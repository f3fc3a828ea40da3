"""The page of one order: what every service knows of it, how it got there, what may be done now."""
