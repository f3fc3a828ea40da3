"""Bodies of the accounts API."""

from typing import Any, cast

from django.core.validators import RegexValidator
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from auth_grpc import passwords
from auth_grpc.models import EMAIL_LENGTH, NAME_LENGTH, User
from auth_grpc.passwords import MAX_LENGTH
from restaurant.bodies import words

TOKEN_LENGTH, CODE_LENGTH = 4096, 40
NON_FIELD_ERRORS_KEY = str(api_settings.NON_FIELD_ERRORS_KEY)
MOST_NAMED = 10
_PLAIN = r"[^\x00]"
_PRINTABLE = RegexValidator(rf"^{_PLAIN}*$", _("Null characters are not allowed."), "bad_text")
_ONE_LINE = RegexValidator(
    r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$",
    _("Write one line, without control characters."),
    "bad_text",
)
_longest = lazy(words.longest_text, str)


# Refuses fields that it does not know, as the other services' bodies do, and tells of them with the
# rest. Without a docstring, which the schema would give to each body that has none.
class StrictSerializer(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            whole = {NON_FIELD_ERRORS_KEY: [words.give(dict)]}
            raise serializers.ValidationError(whole, "wrong_type")
        others = sorted(data.keys() - self.fields.keys())[:MOST_NAMED]
        told: dict[str, Any] = {
            name[:64]: [ErrorDetail(words.unknown(), "unknown_field")] for name in others
        }
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            told |= cast("dict[str, Any]", error.detail)
        if told:
            raise serializers.ValidationError(told)
        return values


class TextField(serializers.CharField):
    """A text, and not a number or a truth that could be written as one."""

    default_error_messages = {"wrong_type": _("Give a text.")}

    def __init__(self, **options: Any) -> None:
        if most := options.get("max_length"):
            options["error_messages"] = {"max_length": _longest(most)}
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("wrong_type")
        text: str = super().to_internal_value(data)
        return text


class EmailField(TextField, serializers.EmailField):
    pass


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
    pattern = rf"^{_PLAIN}*[^\s\x00\x1c-\x1f\x85]{_PLAIN}*$"
    said = RegexValidator(pattern, _PRINTABLE.message, _PRINTABLE.code)
    return TextField(validators=[said], **options)


class RegistrationSerializer(StrictSerializer):
    """Who wants an account."""

    email = EmailField(max_length=EMAIL_LENGTH)
    password = NewPasswordField()
    name = TextField(
        validators=[_ONE_LINE],
        max_length=NAME_LENGTH,
        allow_blank=True,
        default="",
        help_text="How to address the user.",
    )

    def validate_password(self, password: str) -> str:
        """Hold it to the rules, whatever else is wrong; auth does the same with what is right."""
        given = {
            name: value
            for name in ("email", "name")
            if isinstance(value := self.initial_data.get(name), str)
        }
        if found := passwords.violations(password, User(**given)):
            raise serializers.ValidationError([ErrorDetail(v.detail, v.code) for v in found])
        return password


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
    expires_in = serializers.IntegerField(
        help_text="Seconds until the access token expires, from the first answer with it."
    )
