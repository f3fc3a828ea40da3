from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuthGrpcConfig(AppConfig):
    name = "auth_grpc"
    verbose_name = _("Accounts")
