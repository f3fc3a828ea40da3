"""Use cases of accounts: every write goes through here; times are UTC and passed in."""

from auth_grpc.services.accounts import create_staff, register
from auth_grpc.services.answers import LoggedOut, Tokens
from auth_grpc.services.housekeeping import purge, rotate_keys
from auth_grpc.services.logins import authenticate, check_code, login
from auth_grpc.services.password_links import count_link, password_link, set_password
from auth_grpc.services.registrations import Registered, register_once
from auth_grpc.services.second_factor import remove_factor, set_up_factor
from auth_grpc.services.sessions import (
    end_all,
    end_some,
    logout,
    refresh,
    revoke,
    verify,
)
from auth_grpc.services.standing import deactivate, reactivate

__all__ = [
    "LoggedOut",
    "Registered",
    "Tokens",
    "authenticate",
    "check_code",
    "count_link",
    "create_staff",
    "deactivate",
    "end_all",
    "end_some",
    "login",
    "logout",
    "password_link",
    "purge",
    "reactivate",
    "refresh",
    "register",
    "register_once",
    "remove_factor",
    "revoke",
    "rotate_keys",
    "set_password",
    "set_up_factor",
    "verify",
]
