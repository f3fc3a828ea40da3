"""The form of a courier's page."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget

from delivery.models import Courier

CARRY = "delivery.carry_delivery"


class AccountField(forms.EmailField):
    """An account's id, shown and entered as its e-mail. Takes accounts of couriers alone."""

    widget = UnfoldAdminEmailInputWidget

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, UUID):
            return value
        account = get_user_model()._default_manager.filter(pk=value).first()
        return account.get_username() if account else ""

    def clean(self, value: Any) -> Any:
        """Give the id. Whether others have an account is not told: they are as if not there."""
        email = super().clean(value)
        if not email:
            return None
        accounts: Any = get_user_model()
        account = accounts.objects.filter(email=accounts.normalize_username(email)).first()
        if account is None or not account.has_perm(CARRY):
            raise ValidationError(_("No courier's account has this e-mail."))
        return account.pk

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class CourierForm(forms.ModelForm):  # type: ignore[type-arg]
    user_id = AccountField(
        label=gettext_lazy("Account"),
        required=False,
        help_text=gettext_lazy(
            "The e-mail of their account, which has the role courier; may be empty."
        ),
    )

    class Meta:
        model = Courier
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets name them
