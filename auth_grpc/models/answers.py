"""What requests for accounts and tokens were answered that had an idempotency key."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from auth_grpc.models.users import User


class SealedAnswer(models.Model):
    """An account, a pair of tokens or a logout as it was answered, for who lost the answer."""

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
        # The constraint's index begins with it.
        db_index=False,
    )
    # Of the contract's service, as "Refresh".
    method = models.CharField(_("method"), max_length=20)
    key = models.CharField(_("key"), max_length=200)
    # Of what was sent: something else under the same key is a client's mistake.
    request_hash = models.CharField(_("hash of the request"), max_length=32)
    answer = models.TextField(_("answer"), help_text=_("Encrypted under SECRET_KEY."))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        default_permissions = ()
        verbose_name = _("sealed answer")
        verbose_name_plural = _("sealed answers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "method", "key"], name="sealed_answer_key")
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.key}"
