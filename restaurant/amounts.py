"""Money and numbers as the reader's language writes them."""

from decimal import Decimal

from babel.numbers import format_currency, format_decimal
from django.conf import settings
from django.utils.translation import get_language, to_locale


def shown(amount: Decimal | float | None, currency: str = "") -> str:
    """Give an amount as "€12.50" or "12,50 €"; nothing for no amount.

    `currency` is an ISO 4217 code, by default the restaurant's. It decides how many digits follow
    the point; the language decides the rest.
    """
    if amount is None:
        return ""
    return format_currency(amount, currency or settings.CURRENCY, locale=_locale())


def number(value: Decimal | float | None) -> str:
    """Give a number with the language's separators, as "1,234.5"; not for an order's number."""
    return "" if value is None else format_decimal(value, locale=_locale())


def _locale() -> str:
    return to_locale(get_language() or settings.LANGUAGE_CODE)
