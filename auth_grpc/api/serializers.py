"""Bodies of the accounts API."""

from typing import Any

from rest_framework import serializers

from auth_grpc.passwords import MAX_LENGTH

EMAIL_LENGTH, NAME_LENGTH, TOKEN_LENGTH = 254, 150, 4096
CODE_LENGTH = 40


class PasswordField(serializers.CharField):
    """A password as it was typed: spaces around it belong to it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("style", {"input_type": "password"})
        super().__init__(trim_whitespace=False, max_length=MAX_LENGTH, write_only=True, **options)


class RegistrationSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=EMAIL_LENGTH)
    password = PasswordField()
    name = serializers.CharField(
        max_length=NAME_LENGTH, allow_blank=True, default="", help_text="How to address the user."
    )


class UserSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)


class LoginSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=EMAIL_LENGTH)
    password = PasswordField()
    code = serializers.CharField(
        max_length=CODE_LENGTH,
        allow_blank=True,
        default="",
        help_text="Six digits of the second factor, or a recovery code, where staff have one.",
    )


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=TOKEN_LENGTH)


class TokensSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="For the header `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Good for one call of `refresh` or `logout`.")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")
