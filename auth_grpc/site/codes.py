"""The second step of a login: a code."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from auth_grpc import services
from auth_grpc.errors import WrongCode
from auth_grpc.models import User
from auth_grpc.site import pending
from auth_grpc.site.forms import CodeForm
from auth_grpc.site.pages import Framed
from restaurant.addresses import client_address


class CodePage(Framed, FormView):  # type: ignore[type-arg]
    """Asks who has shown the right password for a code; only then are they logged in."""

    title = gettext_lazy("Second factor")
    template_name = "auth_grpc/site/code.html"
    form_class = CodeForm
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = pending.user_of(request)
        if user is None or user.second_factor_since is None:
            return redirect("admin:login")
        self.user = user
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            services.check_code(
                self.user,
                form.cleaned_data["code"],
                address=client_address(self.request),
                now=timezone.now(),
            )
        except WrongCode:
            form.add_error("code", _("The code is wrong, too old, or was used before."))
            return self.form_invalid(form)
        return redirect(pending.finish(self.request, self.user))
