"""Why the system could not be started."""


class UpError(Exception):
    """Base of the package's errors; each one's text is a line for the operator."""


class PortInUse(UpError):
    """Something else listens where one of the processes should."""


class AlreadyUp(UpError):
    """Another supervisor runs on the same directory."""


class NotReady(UpError):
    """Some processes did not become ready in time."""
