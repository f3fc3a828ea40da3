"""Bodies of the accounts API."""

from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from auth_grpc.passwords import MAX_LENGTH

EMAIL_LENGTH, NAME_LENGTH, TOKEN_LENGTH = 254, 150, 4096
CODE_LENGTH = 40
MOST_NAMED = 10
_PLAIN = r"[^\x00]"
_PRINTABLE = RegexValidator(rf"^{_PLAIN}*$")
_ONE_LINE = RegexValidator(r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")


# Refuses fields that it does not know, as the other services' bodies do. Without a docstring, which
# the schema would give to each body that has none.
class StrictSerializer(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        others = data.keys() - self.fields.keys() if isinstance(data, dict) else ()
        if others:
            told = {name[:64]: ["is not a field here"] for name in sorted(others)[:MOST_NAMED]}
            raise serializers.ValidationError(told, "unknown_field")
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """A text, and not a number or a truth that could be written as one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        return text


class PasswordField(TextField):
    """A password as it was typed: spaces around it belong to it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("style", {"input_type": "password"})
        super().__init__(trim_whitespace=False, max_length=MAX_LENGTH, write_only=True, **options)


# As far as a schema can tell what Django's validators refuse.
@extend_schema_field(
    {
        "type": "string",
        "writeOnly": True,
        "minLength": 8,
        "maxLength": MAX_LENGTH,
        "pattern": rf"^{_PLAIN}*[^0-9\x00]{_PLAIN}*$",
        "description": "Not only digits, none of the usual ones, and not like name and e-mail.",
    }
)
class NewPasswordField(PasswordField):
    """A password to be set."""


def _text(**options: Any) -> TextField:
    """Give the field of a text that is no blank; spaces around it are taken off."""
    # What Python takes for a space, and JSON Schema's dialect of patterns does not, stands apart.
    said = RegexValidator(rf"^{_PLAIN}*[^\s\x00\x1c-\x1f\x85]{_PLAIN}*$")
    return TextField(validators=[said], **options)


class RegistrationSerializer(StrictSerializer):
    """Who wants an account."""

    email = serializers.EmailField(max_length=EMAIL_LENGTH)
    password = NewPasswordField()
    name = TextField(
        validators=[_ONE_LINE],
        max_length=NAME_LENGTH,
        allow_blank=True,
        default="",
        help_text="How to address the user.",
    )


class UserSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)


class LoginSerializer(StrictSerializer):
    """Who logs in."""

    email = _text(max_length=EMAIL_LENGTH)
    password = PasswordField(min_length=1, validators=[_PRINTABLE])
    code = TextField(
        validators=[_PRINTABLE],
        max_length=CODE_LENGTH,
        allow_blank=True,
        default="",
        help_text="Six digits of the second factor, or a recovery code, where staff have one.",
    )


class RefreshSerializer(StrictSerializer):
    """Which session is meant."""

    refresh = _text(max_length=TOKEN_LENGTH)


class TokensSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="For the header `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Good for one call of `refresh` or `logout`.")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")
