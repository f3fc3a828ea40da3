"""What can go wrong with live streams."""


class LiveError(Exception):
    """Base of the package's errors."""


class InvalidPosition(LiveError):
    """The text is no position that was ever given out."""
