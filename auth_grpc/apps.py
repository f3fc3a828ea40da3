from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuthGrpcConfig(AppConfig):
    name = "auth_grpc"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from auth_grpc import roles

        # Connected after Django's own receiver, which makes the permission rows.
        post_migrate.connect(roles.grant, dispatch_uid="auth_grpc.roles")
