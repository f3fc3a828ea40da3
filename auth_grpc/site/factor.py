"""A person's own second factor: set up, and taken away."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from auth_grpc import otp, services
from auth_grpc.errors import FactorAlreadySetUp, WrongCode
from auth_grpc.models import RecoveryCode, User
from auth_grpc.site import pending
from auth_grpc.site.forms import CodeForm, NewCodeForm
from auth_grpc.site.pages import Framed, person, staff
from restaurant.addresses import client_address
from restaurant.trail import watch

# Where the session keeps the sealed secret that is being set up.
NEW = "new_second_factor"


class SetUpPage(Framed, FormView):  # type: ignore[type-arg]
    """Shows a new secret, and keeps it once the app has shown a code of it."""

    title = gettext_lazy("Set up your second factor")
    template_name = "auth_grpc/site/set_up.html"
    form_class = NewCodeForm
    user: User
    is_pending: bool
    secret: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.STAFF_SECOND_FACTOR == "off":
            raise Http404
        logged_in = staff(request)
        user = logged_in or pending.user_of(request)
        if user is None:
            return redirect_to_login(request.get_full_path())
        if user.second_factor_since:
            return redirect("second_factor" if logged_in else "second_factor_code")
        self.user, self.is_pending, self.secret = user, logged_in is None, _secret_of(request)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        link = otp.link(self.secret, email=self.user.email)
        groups = [self.secret[first : first + 4] for first in range(0, len(self.secret), 4)]
        return super().get_context_data(
            **kwargs,
            picture=otp.picture(link),
            link=link,
            secret=" ".join(groups),
            is_required=settings.STAFF_SECOND_FACTOR == "required",
            is_pending=self.is_pending,
        )

    def form_valid(self, form: NewCodeForm) -> HttpResponse:
        try:
            codes = self._set_up(form.cleaned_data["code"], timezone.now())
        except WrongCode:
            form.add_error("code", _("The code is wrong. Is the telephone's clock right?"))
            return self.form_invalid(form)
        except FactorAlreadySetUp:
            # Another window was first.
            return redirect("admin:login")
        del self.request.session[NEW]
        # Shown in this answer alone: only their hashes are kept.
        self.template_name = "auth_grpc/site/recovery_codes.html"
        return self.render_to_response(
            Framed.get_context_data(
                self, title=_("Recovery codes"), codes=codes, next=self._log_in()
            )
        )

    def _set_up(self, code: str, now: datetime) -> list[str]:
        with watch(
            person(self.request, self.user), self.user, action="set_up_second_factor", now=now
        ):
            return services.set_up_factor(self.user, secret=self.secret, code=code, now=now)

    def _log_in(self) -> str:
        """Open the session that this factor has proved; gives where to go on."""
        if self.is_pending:
            return pending.finish(self.request, self.user)
        update_session_auth_hash(self.request, self.user)
        return reverse("second_factor")


class FactorPage(Framed, FormView):  # type: ignore[type-arg]
    """Tells of a person's second factor; takes it away for a code of it."""

    title = gettext_lazy("Second factor")
    template_name = "auth_grpc/site/factor.html"
    form_class = CodeForm
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.STAFF_SECOND_FACTOR == "off":
            raise Http404
        user = staff(request)
        if user is None:
            return redirect_to_login(request.get_full_path())
        if not user.second_factor_since:
            return redirect("second_factor_set_up")
        self.user = user
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unused = RecoveryCode.objects.filter(factor__user=self.user, used_at=None)
        return super().get_context_data(
            **kwargs,
            since=self.user.second_factor_since,
            unused=unused.count(),
            is_required=settings.STAFF_SECOND_FACTOR == "required",
        )

    def form_valid(self, form: CodeForm) -> HttpResponse:
        user, now = self.user, timezone.now()
        try:
            services.check_code(
                user, form.cleaned_data["code"], address=client_address(self.request), now=now
            )
        except WrongCode:
            form.add_error("code", _("The code is wrong, too old, or was used before."))
            return self.form_invalid(form)
        with watch(person(self.request, user), user, action="remove_second_factor", now=now):
            services.remove_factor(user, now=now)
        logout(self.request)
        messages.success(self.request, _("Your second factor is taken away. Log in again."))
        return redirect("admin:login")


def _secret_of(request: HttpRequest) -> str:
    """Give the secret that this session is setting up; makes one the first time."""
    kept = otp.open_sealed(request.session[NEW]) if NEW in request.session else None
    if kept:
        return kept
    secret = otp.new_secret()
    request.session[NEW] = otp.seal(secret)
    return secret
