from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    """Django's admin, on our own site."""

    default_site = "restaurant.staff.site.StaffSite"


class StaffConfig(AppConfig):
    name = "restaurant.staff"
    verbose_name = _("Staff")
