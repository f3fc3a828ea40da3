"""A new password by a link: asked for, and chosen. For customers as for staff."""

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView
from kombu.exceptions import OperationalError

from auth_grpc import services, tasks
from auth_grpc.errors import InvalidInput, LinkUsed, Throttled
from auth_grpc.site.forms import AddressForm, PasswordForm
from auth_grpc.site.pages import Framed, person
from restaurant.addresses import client_address

log = structlog.get_logger()


class AskPage(Framed, FormView):  # type: ignore[type-arg]
    """Takes an e-mail; whether it has an account is looked up later, where the mail is written.

    So the answer, and its time, tell nothing.
    """

    title = gettext_lazy("Forgotten your password?")
    template_name = "auth_grpc/site/ask.html"
    form_class = AddressForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_configured=settings.MAIL_IS_CONFIGURED, **kwargs)

    def form_valid(self, form: AddressForm) -> HttpResponse:
        if not settings.MAIL_IS_CONFIGURED:
            return self._refuse(form, _("This site sends no mail."))
        email, address = form.cleaned_data["email"], client_address(self.request)
        try:
            services.count_link(email=email, address=address, now=timezone.now())
            tasks.mail_password_link.delay(email, get_language())
        except Throttled as refusal:
            return self._refuse(form, _("Too many links were asked for. Try again later."), refusal)
        except OperationalError:
            log.warning("password_link_not_queued", exc_info=True)
            return self._refuse(form, _("No mail can be sent now. Try again in some minutes."))
        return redirect("password_link_sent")

    def _refuse(
        self, form: AddressForm, why: str, refusal: Throttled | None = None
    ) -> HttpResponse:
        form.add_error(None, why)
        answer = self.form_invalid(form)
        answer.status_code = 429 if refusal else 503
        answer["Retry-After"] = str(int(refusal.retry_after) + 1 if refusal else 60)
        return answer


class SentPage(Framed, TemplateView):
    title = gettext_lazy("Look into your mail")
    template_name = "auth_grpc/site/sent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs,
            minutes=settings.PASSWORD_RESET_TIMEOUT // 60,
            files=settings.MAIL.get("EMAIL_FILE_PATH") if settings.DEBUG else None,
        )


class ChoosePage(Framed, PasswordResetConfirmView):
    """Where the link leads. Django's view keeps the token in the session and out of the address."""

    title = gettext_lazy("Choose a new password")
    template_name = "auth_grpc/site/choose.html"
    form_class = PasswordForm

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        token = self.request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")
        try:
            services.set_password(
                self.user,
                token,
                form.cleaned_data["password"],
                by=person(self.request, self.user),
                now=timezone.now(),
            )
        except InvalidInput as error:
            for violation in error.violations:
                form.add_error("password", violation.detail)
            return self.form_invalid(form)
        except LinkUsed:
            self.validlink = False
            return self.render_to_response(self.get_context_data(form=None))
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        return redirect(reverse("password_set") + ("?staff=1" if self.user.is_staff else ""))


class DonePage(Framed, TemplateView):
    title = gettext_lazy("Your password is changed")
    template_name = "auth_grpc/site/done.html"
