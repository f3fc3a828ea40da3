"""Where mails go: a server, or files where nobody configured one on a development machine."""

from pathlib import Path
from typing import Any

import environ

from restaurant.environment import formats


def _parse(text: str) -> str:
    schemes = environ.Env.EMAIL_SCHEMES
    scheme = text.partition(":")[0]
    if scheme not in schemes:
        raise ValueError
    if scheme.startswith("smtp"):
        formats.split_url(text, schemes)
    return text


URL = formats.Format("smtp+tls://…, or consolemail://", _parse)


def configuration(url: str, *, fallback: Path | None) -> dict[str, Any]:
    """Give Django's `EMAIL_…` settings, by name.

    `url` is of the form django-environ reads (`smtp+tls://user:password@host:587`,
    `consolemail://`); when empty, each mail becomes a file in the directory `fallback`, and
    without either there is no mail: {}.
    """
    if url:
        return dict(environ.Env.email_url_config(url))
    if fallback is None:
        return {}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(fallback),
    }
