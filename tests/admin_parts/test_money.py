"""Money and numbers in the reader's language."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from restaurant.admin_parts.money import number, shown

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", Decimal("12.5"), "EUR", "€12.50"),
        ("ru", Decimal("12.5"), "EUR", f"12,50{NBSP}€"),
        ("en", Decimal("1234567.891"), "USD", "$1,234,567.89"),
        ("ru", Decimal("1234567.89"), "RUB", f"1{NBSP}234{NBSP}567,89{NBSP}₽"),
        ("en", Decimal("-3.00"), "EUR", "-€3.00"),
        ("en", Decimal("0"), "EUR", "€0.00"),
        # Whole yen, and thousandths of a dinar.
        ("en", Decimal("1200.00"), "JPY", "¥1,200"),
        ("en", Decimal("1.5"), "KWD", "KWD1.500"),
        # What is no currency is at least not hidden.
        ("en", Decimal("1.00"), "XXQ", "XXQ1.00"),
        ("en", None, "EUR", ""),
    ],
)
def test_it_writes_money_as_the_language_does(
    language: str, amount: Decimal | None, currency: str, text: str
) -> None:
    with translation.override(language):
        assert shown(amount, currency) == text


def test_it_takes_the_restaurants_currency_where_none_is_named(settings: object) -> None:
    settings.CURRENCY = "GBP"  # type: ignore[attr-defined]
    with translation.override("en"):
        assert shown(Decimal("2")) == "£2.00"


def test_it_speaks_the_projects_language_where_none_is_active() -> None:
    with translation.override(None):
        assert shown(Decimal("2"), "EUR") == "€2.00"


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("en", 1234567, "1,234,567"),
        ("ru", 1234567, f"1{NBSP}234{NBSP}567"),
        ("ru", 2.5, "2,5"),
        ("en", None, ""),
    ],
)
def test_it_writes_numbers_as_the_language_does(
    language: str, value: float | None, text: str
) -> None:
    with translation.override(language):
        assert number(value) == text


def test_it_is_there_in_templates() -> None:
    template = Template("{% load staff_money %}{{ sum|money:code }} {{ count|number }}")
    with translation.override("en"):
        assert template.render(Context({"sum": Decimal("9.5"), "code": "EUR", "count": 1000})) == (
            "€9.50 1,000"
        )
