"""Money as it travels: `google.type.Money` on the wire, `Decimal` everywhere else."""

from decimal import Decimal

from google.type.money_pb2 import Money

NANOS = 1_000_000_000


def to_message(amount: Decimal, currency: str) -> Money:
    """Give an amount of a currency (ISO 4217 code) as a message; exact to nine places."""
    units = int(amount)
    nanos = int((amount - units) * NANOS)
    return Money(currency_code=currency, units=units, nanos=nanos)


def to_decimal(money: Money) -> Decimal:
    """Give the amount of a message, with two decimal places at least."""
    amount = Decimal(money.units) + Decimal(money.nanos) / NANOS
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return amount.quantize(Decimal(1).scaleb(-places))
