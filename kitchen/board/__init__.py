"""The kitchen's board: what cooks look at all day."""
