"""The rights to the staff site's own pages, which show no single model's rows, and their tables."""

from django.db import models

from restaurant.staff.dashboard.models import Counted, DayTally, HourTally
from restaurant.staff.filters.models import SavedFilter

__all__ = ["Counted", "DayTally", "HourTally", "SavedFilter", "StaffPage"]


class StaffPage(models.Model):  # noqa: DJ008 - it has no rows
    """No table: Django keeps permissions by model, and these need one to belong to."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_dashboard", "Can see the dashboard and export its figures"),
            ("view_pipeline", "Can see the pipeline's health"),
            ("view_trail", "Can search and export the audit trail"),
        ]
