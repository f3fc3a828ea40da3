"""Errors that people are told of."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Told(Exception):
    """An error whose class states its rule as `text`, in the reader's language.

    What an error is raised with tells the case, and is in the reader's language too.
    """

    text: ClassVar[Promise] = _("This was refused.")

    def told(self) -> str:
        """Give the rule and the case in one line, without a full stop."""
        rule, case = str(self.text).rstrip("."), str(self)
        return f"{rule}: {case}" if case else rule
