from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(SimpleAdminConfig):
    """Django's admin, on our own site; `restaurant.urls` has it look for its pages.

    Only a process that serves HTTP does: workers start in half the time without them.
    """

    default_site = "restaurant.staff.site.StaffSite"


class StaffConfig(AppConfig):
    name = "restaurant.staff"
    verbose_name = _("Staff")
