from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuthGrpcConfig(AppConfig):
    name = "auth_grpc"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from auth_grpc import roles, staff_sessions

        # Connected after Django's own receiver, which makes the permission rows.
        post_migrate.connect(roles.grant, dispatch_uid="auth_grpc.roles")
        user_logged_in.connect(staff_sessions.note_login, dispatch_uid="auth_grpc.staff_sessions")
