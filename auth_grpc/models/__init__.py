"""Users, what they log in with, what that opens, and the counts of logins that failed."""

from auth_grpc.models.answers import SealedAnswer
from auth_grpc.models.counts import LoginCount
from auth_grpc.models.grants import RoleGrant
from auth_grpc.models.keys import SigningKey
from auth_grpc.models.second_factor import RecoveryCode, SecondFactor
from auth_grpc.models.sessions import RefreshToken, Session, StaffSession
from auth_grpc.models.trail import TrailEntry
from auth_grpc.models.users import (
    EMAIL_LENGTH,
    NAME_LENGTH,
    Role,
    User,
    UserManager,
    second_factor_is_demanded,
)

__all__ = [
    "EMAIL_LENGTH",
    "NAME_LENGTH",
    "LoginCount",
    "RecoveryCode",
    "RefreshToken",
    "Role",
    "RoleGrant",
    "SealedAnswer",
    "SecondFactor",
    "Session",
    "SigningKey",
    "StaffSession",
    "TrailEntry",
    "User",
    "UserManager",
    "second_factor_is_demanded",
]
