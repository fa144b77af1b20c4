"""Amounts: minor units of a currency, read exactly, never by a float's rounding."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tandem.actions.definition import Amount

EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip
"""Decimals of a currency where they are not two (ISO 4217, 2024)."""

MOST = 10**15
DUST = Decimal("0.000001")
"""What a backend that reckons in binary fractions may be off by, in its own unit."""


class NoAmount(ValueError):
    """The amount that limits are held against cannot be read: a sentence for whoever made the call."""


@dataclass(frozen=True, slots=True)
class Money:
    """So many minor units of a currency (ISO 4217)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        exponent = EXPONENTS.get(self.currency, 2)
        return f"{Decimal(self.minor).scaleb(-exponent):,.{exponent}f} {self.currency}"


def of(rule: Amount, arguments: dict[str, Any], quote: dict[str, Any] | None) -> Money:
    """What moves. Raises NoAmount: when it is missing, negative, or no whole number of minor units."""
    known = {"arguments": arguments, "quote": quote or {}}
    value = _at(known, rule.from_)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise NoAmount("The amount is missing.")
    try:
        exact = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise NoAmount("The amount is no number.") from None
    if not exact.is_finite() or exact < 0:
        raise NoAmount("The amount must not be negative.")
    currency = rule.currency if rule.currency.isupper() and len(rule.currency) == 3 else _at(known, rule.currency)
    if not isinstance(currency, str) or len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        raise NoAmount("The currency is missing.")
    minor = exact.scaleb(EXPONENTS.get(currency, 2)) if rule.unit == "major" else exact
    if minor > MOST or abs(minor - minor.to_integral_value()) > DUST:
        raise NoAmount("The amount is no whole number of the currency's smallest unit.")
    return Money(int(minor.to_integral_value()), currency)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does. Numbers go into lists."""
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isascii() and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _at(known: dict[str, Any], path: str) -> Any:
    head = path.split(".")[0]
    return at(known, path if head in known and "." in path else f"arguments.{path}")
