"""A login between its two steps: the password was right, and nothing is open yet.

Kept in an anonymous session. Only the second step logs in, so that nothing that asks for a user,
neither pages nor boards nor live streams, has to know of second factors.
"""

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from auth_grpc.models import User

KEY = "pending_login"
SECONDS = 600
BACKEND = "auth_grpc.backends.ThrottledBackend"


def begin(request: HttpRequest, user: User, *, next_url: str) -> None:
    """Remember who showed a right password, for ten minutes."""
    request.session.flush()
    request.session[KEY] = {
        "user": str(user.pk),
        "hash": user.get_session_auth_hash(),
        "until": timezone.now().timestamp() + SECONDS,
        "next": next_url,
    }


def user_of(request: HttpRequest) -> User | None:
    """Give who it was, unless it is too long ago or their password has changed since."""
    kept = request.session.get(KEY)
    if not kept or kept["until"] < timezone.now().timestamp():
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True, is_staff=True).first()
    if user and constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return user
    return None


def finish(request: HttpRequest, user: User) -> str:
    """Log in; gives where to go on."""
    kept = request.session.pop(KEY)
    login(request, user, backend=BACKEND)
    return str(kept["next"])
