"""The dashboard: how the restaurant does now, and how today compares to the same weekday before.

What happens now is read from the services' books as they stand. What is added up over days comes
from rollups: tallies by local hour and by local day, counted ahead by a Celery task.
"""
