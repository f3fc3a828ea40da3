"""The environment's variables, each read by its type and within its bounds.

A variable X is given as X, or as X_FILE: the path of a file with its value (a secret that the
container's engine puts there). An empty X counts as not set. What is wrong is collected, so that
an operator sees all of it at once; then the process does not start.
"""

from restaurant.environment.ending import end
from restaurant.environment.reader import Environment, Variable

__all__ = ["Environment", "Variable", "end"]
