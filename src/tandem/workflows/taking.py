"""What a slot's value is in a text: pure reading of what somebody wrote. Whatever comes out is what the slot may hold.

A lone answer is read more generously than running text: after "Which order?" the answer "1042" is an order.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from tandem.actions.money import EXPONENTS
from tandem.workflows import patterns
from tandem.workflows.definition import Choice, Slot

Value = str | int

LONGEST_VALUE = 200
"""Characters of a text in a slot."""

MOST_INTEGER = 10**9

INTEGER = re.compile(patterns.ALONE.replace("{}", "[0-9]{1,10}", 1), re.IGNORECASE)
EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}(?![\w-])"
)
CODES = r"(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|JPY|CNY|INR|CAD|AUD|NZD|BRL|MXN|ZAR)"
"""Currencies that are told apart in a text."""

AMOUNT = re.compile(
    rf"(?<![\w.,-])(?P<before>[€$£]|{CODES})?\s?(?P<whole>[0-9]{{1,3}}(?:[.,' ][0-9]{{3}}){{1,3}}|[0-9]{{1,10}})"
    r"(?:[.,](?P<part>[0-9]{1,3}))?"
    rf"\s?(?P<after>[€$£]|euros?\b|dollars?\b|pounds?\b|{CODES}\b)?(?![.,]?\w)",
    re.IGNORECASE,
)
SIGNS = {"€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "dollar": "USD", "dollars": "USD", "£": "GBP", "pound": "GBP",
         "pounds": "GBP"}  # fmt: skip
MONTHS = "january february march april may june july august september october november december".split()
MONTH = "|".join(rf"{name[:3]}(?:{name[3:]})?" if name != "may" else "may" for name in MONTHS) + "|sept"
ISO = re.compile(r"(?<![\w-])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![\w-])")
DAY_FIRST = re.compile(
    rf"(?<!\w)([0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)?\s({MONTH})\b\.?(?:,?\s([0-9]{{4}}))?", re.IGNORECASE
)
MONTH_FIRST = re.compile(rf"(?<!\w)({MONTH})\.?\s([0-9]{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s([0-9]{{4}}))?", re.IGNORECASE)
RELATIVE = {"today": 0, "yesterday": -1, "tomorrow": 1}


def answer(slot: Slot, text: str, today: date) -> list[Value]:
    """The values that an answer to the slot's question may mean, each once. One: that is it."""
    line = " ".join(text.split())
    if slot.kind == "text":
        whole = _text(slot, line.rstrip(".!"))
        if whole is not None:
            return [whole]
        if slot.pattern is None:
            return []
        told = found(slot, text, today) if slot.finds else []
        return told or _fitting(slot, patterns.found(slot.pattern, text, alone=True))
    if slot.kind == "choice":
        plain = line.casefold().rstrip(".!")
        exact = [each.value for each in slot.choices if plain in (each.label.casefold(), each.value.casefold())]
        return list(exact) or found(slot, text, today)
    if slot.kind == "amount":
        return list(dict.fromkeys(_amounts(text, slot.currency or "", bare=True)))
    return found(slot, text, today)


def found(slot: Slot, text: str, today: date) -> list[Value]:
    """The values that running text names, each once, in its order. A free text is never one."""
    values: Iterator[Value]
    match slot.kind:
        case "integer":
            values = _integers(text)
        case "amount":
            values = _amounts(text, slot.currency or "", bare=False)
        case "date":
            values = _dates(text, today)
        case "email":
            values = (
                match[0].rstrip(".").lower() for piece in patterns.pieces(text) for match in EMAIL.finditer(piece)
            )
        case "choice":
            values = (each.value for each in slot.choices if _names(each, text))
        case _:
            if slot.finds:
                return _fitting(slot, (each for one in slot.finds for each in patterns.found(one, text, alone=False)))
            return _fitting(slot, patterns.found(slot.pattern, text, alone=True)) if slot.pattern else []
    return list(dict.fromkeys(values))


def on_page(slot: Slot, url: str) -> list[Value]:
    """What the address of the page names."""
    if slot.page is None:
        return []
    named = list(dict.fromkeys(patterns.found(slot.page, url[: patterns.LONGEST], alone=False)))
    return [value for each in named if (value := taken(slot, each)) is not None]


def taken(slot: Slot, value: object) -> Value | None:
    """A value of our own records, if the slot may hold it."""
    if slot.kind in ("integer", "amount"):
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
            value = int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_INTEGER else None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value)
    match slot.kind:
        case "choice":
            return text if text in [each.value for each in slot.choices] else None
        case "date":
            return next((each for each in [text[:10]] if ISO.fullmatch(each) and _day(each) is not None), None)
        case "email":
            return text if EMAIL.fullmatch(text) else None
    return _text(slot, " ".join(text.split()))


def label(slot: Slot, value: Value) -> str:
    """What stands on the button for a value."""
    return next((each.label for each in slot.choices if each.value == value), str(value))


def _text(slot: Slot, value: str) -> str | None:
    """The text as the slot keeps it; None where it may not."""
    kept = value.upper() if slot.case == "upper" else value.lower() if slot.case == "lower" else value
    if not kept or len(kept) > LONGEST_VALUE or not kept.isprintable():
        return None
    if any(letter.isdecimal() and not letter.isascii() for letter in kept):
        return None
    return kept if slot.pattern is None or patterns.fits(slot.pattern, kept) else None


def _fitting(slot: Slot, values: Iterator[str]) -> list[Value]:
    kept = (_text(slot, " ".join(value.split())) for value in values)
    return list(dict.fromkeys(value for value in kept if value is not None))


def _names(choice: Choice, text: str) -> bool:
    """Whether the text says it, in its own words."""
    plain = text.casefold().replace("’", "'")
    said = (choice.label, *choice.words)
    return any(re.search(rf"(?<!\w){re.escape(each.casefold())}(?!\w)", plain) for each in said)


def _integers(text: str) -> Iterator[int]:
    for piece in patterns.pieces(text):
        yield from (int(match[0]) for match in INTEGER.finditer(piece) if int(match[0]) <= MOST_INTEGER)


def _amounts(text: str, currency: str, *, bare: bool) -> Iterator[int]:
    """Amounts of this currency, in minor units; `bare`: also numbers without one."""
    exponent = EXPONENTS.get(currency, 2)
    for piece in patterns.pieces(text):
        for match in AMOUNT.finditer(piece):
            named = {SIGNS.get(sign.lower(), sign.upper()) for sign in (match["before"], match["after"]) if sign}
            part = match["part"] or ""
            if named - {currency} or not (named or bare) or len(part) > exponent:
                continue
            minor = int(re.sub(r"\D", "", match["whole"]) + part.ljust(exponent, "0"))
            if minor <= MOST_INTEGER:
                yield minor


def _dates(text: str, today: date) -> Iterator[str]:
    for piece in patterns.pieces(text):
        for year, month, day in ISO.findall(piece):
            if there := _day(f"{year}-{month}-{day}"):
                yield there.isoformat()
        for day, month, year in DAY_FIRST.findall(piece):
            yield from _named(day, month, year, today)
        for month, day, year in MONTH_FIRST.findall(piece):
            yield from _named(day, month, year, today)
        for word, days in RELATIVE.items():
            if re.search(rf"(?<!\w){word}(?!\w)", piece, re.IGNORECASE):
                yield (today + timedelta(days=days)).isoformat()


def _named(day: str, month: str, year: str, today: date) -> Iterator[str]:
    """A day without a year is the one nearest to today."""
    number = next(number for number, name in enumerate(MONTHS, 1) if month.lower()[:3] == name[:3])
    years = [int(year)] if year else [today.year - 1, today.year, today.year + 1]
    there = [each for y in years if (each := _day(f"{y:04}-{number:02}-{int(day):02}"))]
    if there:
        yield min(there, key=lambda each: abs((each - today).days)).isoformat()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
