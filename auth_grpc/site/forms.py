"""Forms of the login's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from auth_grpc.models import EMAIL_LENGTH
from auth_grpc.passwords import MAX_LENGTH

CODE_LENGTH = 40


class CodeForm(forms.Form):
    """Six digits, or a code to recover with."""

    code = forms.CharField(
        label=_("Code"),
        max_length=CODE_LENGTH,
        widget=TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class NewCodeForm(forms.Form):
    """The first code of a secret."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=CODE_LENGTH,
        widget=TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=EMAIL_LENGTH,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "username", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    """A new password, twice; the rules are looked at where it is set."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=MAX_LENGTH,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    again = forms.CharField(
        label=_("The same again"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        # Given by Django's view.
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "password" in given and "again" in given and given["password"] != given["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return given
