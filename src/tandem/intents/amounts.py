"""Amounts of money that a message names, in minor units of their currency. Pure; what is too much is for the tenant's rules.

A number counts when a currency stands beside it: `€1,299.00`, `1.299,00 EUR`, `12 pounds`, `USD 2k`. A bare number is none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR"}
NAMES = {
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "sterling": "GBP", "dollar": "USD",
    "dollars": "USD", "bucks": "USD", "francs": "CHF", "yen": "JPY", "rupees": "INR", "kronor": "SEK", "kroner": "NOK",
}  # fmt: skip
CODES = frozenset(
    "EUR USD GBP CHF JPY INR SEK NOK DKK PLN CZK HUF CAD AUD NZD SGD HKD CNY KRW BRL MXN ZAR TRY AED SAR KWD BHD".split()
)
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "HUF": 2, "KWD": 3, "BHD": 3}
"""Digits after the point (ISO 4217), where they are not two."""

MOST_DIGITS = 12
"""A longer number is no amount of money that anybody means."""

NUMBER = r"\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d[\d.,]*\d|\d"
SIGN = rf"[{''.join(SIGNS)}]"
WORD = "|".join([*NAMES, *CODES])
AMOUNT = re.compile(
    rf"(?P<sign>{SIGN}|\b(?:{'|'.join(sorted(CODES))})\s?)\s?(?P<a>{NUMBER})(?P<ka>\s?k\b)?"
    rf"|(?<![\w.,])(?P<b>{NUMBER})(?P<kb>\s?k)?\s?(?P<word>{SIGN}|(?:{WORD})\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many minor units of a currency (ISO 4217), as the customer wrote it. A bare `$` is taken for US dollars."""

    minor: int
    currency: str
    text: str


def named(text: str) -> tuple[Amount, ...]:
    """Every amount that the text names, in order."""
    found = (_amount(match) for match in AMOUNT.finditer(text))
    return tuple(amount for amount in found if amount is not None)


def above(text: str, limits: Mapping[str, int]) -> Amount | None:
    """The first amount that is more than the limit of its currency, in minor units; None where there is none."""
    if not limits:
        return None
    return next((each for each in named(text) if each.minor > limits.get(each.currency, each.minor)), None)


def shown(minor: int, currency: str) -> str:
    """As a reason names it: `500.00 EUR`."""
    digits = MINOR_DIGITS.get(currency, 2)
    whole, rest = divmod(minor, 10**digits)
    return f"{whole:,}.{rest:0{digits}} {currency}" if digits else f"{whole:,} {currency}"


def _amount(match: re.Match[str]) -> Amount | None:
    digits = match["a"] or match["b"]
    currency = _currency((match["sign"] or match["word"]).strip())
    thousands = bool(match["ka"] or match["kb"])
    if sum(letter.isdigit() for letter in digits) > MOST_DIGITS:
        return None
    whole, rest = _parts(digits)
    places = MINOR_DIGITS.get(currency, 2)
    minor = int(whole) * 10**places + int((rest + "0" * places)[:places] or 0)
    return Amount(minor * 1000 if thousands else minor, currency, match[0].strip())


def _currency(name: str) -> str:
    return SIGNS.get(name) or NAMES.get(name.lower()) or name.upper()


def _parts(number: str) -> tuple[str, str]:
    """Whole and rest. The last of two kinds of marks is the point; one kind alone is it before one or two digits at the end."""
    plain = re.sub(r"[ '’\u00a0\u202f]", "", number).strip(".,")
    marks = [letter for letter in plain if letter in ".,"]
    if not marks:
        return plain, ""
    last = plain.rindex(marks[-1])
    rest = plain[last + 1 :]
    is_point = len(set(marks)) == 2 or (len(marks) == 1 and len(rest) <= 2)
    whole = re.sub(r"[.,]", "", plain[:last] if is_point else plain)
    return whole or "0", rest if is_point else ""
