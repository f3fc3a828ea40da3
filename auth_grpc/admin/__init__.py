"""The accounts' pages on the staff site."""

from auth_grpc.admin.keys import LoginCountAdmin, SigningKeyAdmin
from auth_grpc.admin.sessions import RefreshTokenAdmin, SessionAdmin
from auth_grpc.admin.users import UserAdmin

__all__ = ["LoginCountAdmin", "RefreshTokenAdmin", "SessionAdmin", "SigningKeyAdmin", "UserAdmin"]
