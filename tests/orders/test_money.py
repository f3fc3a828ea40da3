from decimal import Decimal

import pytest
from google.type.money_pb2 import Money

from restaurant import money


@pytest.mark.parametrize(
    ("amount", "units", "nanos"),
    [
        ("0.00", 0, 0),
        ("9.50", 9, 500_000_000),
        ("-1.25", -1, -250_000_000),
        ("-0.30", 0, -(3 * 10**8)),
    ],
)
def test_it_carries_amounts_exactly(amount: str, units: int, nanos: int):
    message = money.to_message(Decimal(amount), "EUR")
    assert message == Money(currency_code="EUR", units=units, nanos=nanos)
    assert str(money.to_decimal(message)) == amount


def test_it_keeps_more_places_when_there_are_more():
    assert str(money.to_decimal(Money(units=1, nanos=1))) == "1.000000001"
