"""Every process of the system on one machine: started, watched, restarted, stopped."""

from restaurant.supervisor.errors import AlreadyUp, NotReady, PortInUse, UpError
from restaurant.supervisor.output import to_files, to_terminal
from restaurant.supervisor.processes import SERVICES
from restaurant.supervisor.supervisor import Supervisor

__all__ = [
    "SERVICES",
    "AlreadyUp",
    "NotReady",
    "PortInUse",
    "Supervisor",
    "UpError",
    "to_files",
    "to_terminal",
]
