"""The first step of a login: e-mail and password."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from auth_grpc.models import User
from auth_grpc.site import pending
from auth_grpc.site.pages import Framed


class LoginPage(Framed, LoginView):
    """The staff site's login, which asks those with a second factor for a code next."""

    title = _("Log in")
    template_name = "admin/login.html"
    authentication_form = AuthenticationForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return redirect("admin:index")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            "app_path": self.request.get_full_path(),
            "username": self.request.user.get_username(),
            **kwargs,
        }
        return super().get_context_data(**context)

    def form_valid(self, form: Form) -> HttpResponse:
        user: User = form.get_user()  # type: ignore[attr-defined]
        if not user.is_asked_for_code:
            return super().form_valid(form)  # type: ignore[arg-type]
        pending.begin(self.request, user, next_url=self.get_success_url())
        return redirect(next_step(user))


def next_step(user: User) -> str:
    """Give the page of a login's second step."""
    return reverse("second_factor_code" if user.second_factor_since else "second_factor_set_up")
