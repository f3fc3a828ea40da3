"""The login for everybody, at which the API's pages send people: customers, couriers and staff."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm as AnybodysForm
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from unfold.forms import AuthenticationForm

from auth_grpc.models import User
from auth_grpc.site.login import LoginPage


class GuestForm(AuthenticationForm):  # type: ignore[misc]
    """The staff site's form, without its question for staff."""

    def confirm_login_allowed(self, user: User) -> None:
        AnybodysForm.confirm_login_allowed(self, user)


class GuestLogin(LoginPage):
    """Logs anybody in; staff are asked for their second factor here as well."""

    title = _("Log in to the API")
    template_name = "auth_grpc/site/guest_login.html"
    authentication_form = GuestForm
    next_page = "docs"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return FormView.get(self, request, *args, **kwargs)


class GuestLogout(LogoutView):
    next_page = "account_login"
