"""The dialogs of a user's page: each says what will happen, and to whom it may be done."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from auth_grpc import authority, open_sessions
from auth_grpc.models import Role, User
from restaurant.trail import person_of


class UserDialog(BaseDialogForm):
    """A dialog about one user, for those who may; others get 403, at the look and at the press."""

    right = authority.MANAGE
    form_before_template = "auth_grpc/admin/consequences.html"

    def __init__(
        self,
        request: HttpRequest,
        object_id: int | str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        self.subject = get_object_or_404(User, pk=object_id)
        if not authority.may(request.user, self.right, self.subject):  # type: ignore[arg-type]
            raise PermissionDenied
        self.now = timezone.now()

    def clean(self) -> dict[str, Any]:
        """Add who asks, for the audit trail of what changes no field of the user."""
        return {**(super().clean() or {}), "person": person_of(self.request)}

    def consequences(self) -> list[Any]:
        """What the dialog adds to its question, a sentence each."""
        return []

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        return {"consequences": self.consequences()}


class ReasonDialog(UserDialog):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Kept in the audit trail."),
        widget=UnfoldAdminTextInputWidget,
    )


class EndSessionsDialog(UserDialog):
    sessions = forms.MultipleChoiceField(
        label=_("Sessions to end"), widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = open_sessions.of(self.subject, now=self.now)
        field = self.fields["sessions"]
        field.choices = [(one.name, str(one)) for one in found]
        # Unfold's cuts a long label off.
        field.widget.option_template_name = "auth_grpc/admin/session_option.html"
        # All, unless somebody looks closer.
        field.initial = [one.name for one in found]


class LinkDialog(UserDialog):
    def consequences(self) -> list[Any]:
        if not settings.MAIL_IS_CONFIGURED:
            return [
                _("No mail server is configured: nothing will be sent. Ask who runs this site.")
            ]
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        return [
            _("It goes to %(email)s, and is good for %(minutes)s minutes, once.")
            % {"email": self.subject.email, "minutes": minutes},
            _("The present password stays good until another is chosen; then all sessions end."),
        ]


class DeactivateDialog(ReasonDialog):
    def consequences(self) -> list[Any]:
        found = open_sessions.of(self.subject, now=self.now)
        browsers = sum(not one.tokens for one in found)
        told = [
            _("Sessions of the staff site that end at once: %(count)s.") % {"count": browsers},
            _("Sessions of the API whose tokens die within ten seconds: %(count)s.")
            % {"count": len(found) - browsers},
            _("Orders, and what they did, stay."),
        ]
        if self.subject.groups.filter(name=Role.COURIER).exists():
            told.append(
                _(
                    "Their courier stays on shift, and goes on getting deliveries:"
                    " end the shift on the courier's page first."
                )
            )
        return told


class ResetFactorDialog(ReasonDialog):
    right = authority.RESET_FACTOR

    def consequences(self) -> list[Any]:
        told = [_("All their sessions end, and their recovery codes are void.")]
        if settings.STAFF_SECOND_FACTOR == "required":
            return [*told, _("They are led to set up another one when they log in next.")]
        return [*told, _("Until they set up another one, the password alone logs them in.")]
