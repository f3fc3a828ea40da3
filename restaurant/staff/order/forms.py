"""What the page's dialogs ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from delivery.models import Courier


class WhyForm(BaseDialogForm):
    """Why somebody does it, for the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Kept in the audit trail."),
        widget=UnfoldAdminTextInputWidget,
    )

    def refuse(self, why: str) -> None:
        """Show why it was not done."""
        self.add_error("reason", why)


class CancelForm(WhyForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The customer reads it; kept in the audit trail."),
        widget=UnfoldAdminTextInputWidget,
    )


class AssignForm(WhyForm):
    courier = forms.ModelChoiceField(
        Courier.objects.filter(on_shift=True), label=_("Courier"), widget=UnfoldAdminSelectWidget
    )
    # Who had it when the dialog opened, empty for nobody: if it is another now, they came second.
    seen = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    field_order = ("courier", "reason")
