"""Phone numbers in any national format: a run of digits that says so by its plus, its grouping, or the words around it.

What has none of these is a number of some thing; what stands right behind “order”, “tracking”, “€” and the like is one too.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException

from tandem.personal import context
from tandem.personal.kinds import Found, Kind

RUN = re.compile(
    r"(?<![\w@#$€£¥&=+])(?<!\d[.,:])(?<!\w[/-])(?<!/)(?:\+|\(\+)?(?:\(\d[\d -]{0,5}\)|\d)(?:[ \u00a0\u2009]?[-./()\u2010-\u2013]?[ \u00a0\u2009]?\(?\d\)?){4,18}"
    r"(?P<extension>[ ,;]{0,2}(?:x|ext\.?|extension|durchwahl|poste) ?\d{1,6})?(?![\w%€£$]|[.,:/-]\d)",
    re.IGNORECASE,
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH = r"(?:0?[1-9]|1[0-2])"
YEAR = r"(?:19|20)\d{2}"
DATE = re.compile(
    rf"\(?(?:{YEAR}([-/. ]){MONTH}\1{DAY}|{DAY}([-/. ]){MONTH}\2(?:{YEAR}|\d{{2}})|{MONTH}([-/. ]){DAY}\3(?:{YEAR}|\d{{2}})|{YEAR} ?[-/–] ?(?:{YEAR}|\d{{2}}))\)?"
    r"(?:[ T][0-2]?\d(?:[.:]?[0-5]\d)?)?"
)
AMOUNT = re.compile(r"\d{1,3}(?:[., ]\d{3})+(?:[.,]\d{2})?|\d+[.,]\d{1,2}")
UNIT_AFTER = re.compile(
    r"\s?(?:[€$£¥%°]|(?:eur|usd|gbp|chf|pln|sek|nok|dkk|euros?|dollars?|pounds?|pieces|pcs|items|units|points|people|pages|st[uü]ck|km|mm|cm|m|kg|g|grams?|gramm|ml|l"
    r"|px|[kmgt]b|k?wh|volts?|watts?|hours?|hrs?|minutes|mins?|seconds|days?|weeks?|months?|years?|uhr|stunden|tage|jahre)\b)",
    re.IGNORECASE,
)
MONEY_BEFORE = re.compile(r"(?:[€$£¥]|\b(?:eur|usd|gbp|chf|pln|sek|nok|dkk))\s?\Z", re.IGNORECASE)
SHAPE = re.compile(r"0\d{1,4}[ ./-]\d{5,8}|\d{3}[ .-]?\d{3}[ .-]\d{4}|\d{4}[ -]\d{4}|\d{3}[ .-]\d{4}|\d{5} \d{5,6}")
"""Two groups that people write: an area code with its zero, North America's, eight digits, a local number, Britain's and India's."""

STREET_NUMBERS = re.compile(r"\d{3,4} \d{4}")
STREET_AFTER = re.compile(r"[ \n]+[A-Z]")
"""Two bare groups before a capital letter are a house and a street's beginning at least as often."""

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "BE", "CH", "AT", "PL", "PT", "SE", "NO", "DK", "FI", "IE", "AU", "NZ", "BR", "IN", "MX", "ZA", "CZ", "HU", "GR", "RO", "TR", "HR", "SI", "SK", "EE", "LT", "LV", "IL", "SG", "JP")  # fmt: skip
"""Whose numbering plans a national number is held against, the likeliest first: ITU's plans as `phonenumbers` has them."""

LEAST, MOST = 6, 15
"""Digits: E.164 has fifteen at most; fewer than six are no number of a subscriber."""


def find(text: str) -> Iterator[Found]:
    """Every number to call."""
    for match in RUN.finditer(text):
        start, end = match.span()
        written = match[0].rstrip(" (")
        if _is_phone(text, start, end, written, bool(match["extension"])):
            yield Found(start, start + len(written), Kind.PHONE)


def _is_phone(text: str, start: int, end: int, written: str, extended: bool) -> bool:
    number = re.sub(r"[ ,;]{0,2}[a-z].*", "", written, flags=re.IGNORECASE)
    digits = re.sub(r"\D", "", number)
    if not LEAST <= len(digits) <= MOST + 2 or DATE.fullmatch(number) or len(set(digits)) < 2:
        return False
    if MONEY_BEFORE.search(text[max(0, start - 6) : start]) or UNIT_AFTER.match(text, end):
        return False
    if number.lstrip("(").startswith("+"):
        return len(digits) >= 7
    called = _called(text, start, end)
    if not called and context.names_a_thing(text, start):
        return False
    if digits.startswith("00") and len(digits) > 9 and _in_a_plan("+" + digits[2:]):
        return True
    if called:
        return not (AMOUNT.fullmatch(number) and len(digits) < 7)
    if len(digits) < 7 or len(digits) > MOST:
        return False
    if extended or "(" in number:
        return True
    return _is_grouped(number, digits, text, end)


def _is_grouped(number: str, digits: str, text: str, end: int) -> bool:
    """Whether the number alone looks like one to call, with nothing said around it."""
    groups = re.split(r"[ .\-/\u00a0\u2009\u2010-\u2013]+", number)
    if AMOUNT.fullmatch(number) and not digits.startswith("0"):
        return " " in number and not number.endswith("000") and _in_a_plan(number)
    if len(groups) == 1:
        return digits.startswith("0") and len(digits) in (10, 11) and _in_a_plan(number)
    if STREET_NUMBERS.fullmatch(number) and STREET_AFTER.match(text, end):
        return False
    if len(groups) == 2:
        return SHAPE.fullmatch(number) is not None
    return 8 <= len(digits) <= 12 and max(map(len, groups)) <= 5


def _called(text: str, start: int, end: int) -> bool:
    """Whether a word of calling stands nearer before the number than a thing's, or right behind it."""
    before = text[max(0, start - 60) : start]
    before = re.split(r"(?<!\btel)[.!?]\s|\n\s*\n", before, flags=re.IGNORECASE)[-1]
    calls = [match.end() for match in context.TO_CALL.finditer(before)]
    things = [match.end() for match in context.THING.finditer(before)]
    if calls and calls[-1] > max(things, default=-1):
        return True
    return not things and re.match(r"\s*[(-]?\s*(?:mobile|cell|phone|home|work|office|fax|handy|tel)\b", text[end : end + 14], re.IGNORECASE) is not None  # fmt: skip


@lru_cache(maxsize=4096)
def _in_a_plan(number: str) -> bool:
    """Whether one of the numbering plans has such a number; with a plus, its own country's."""
    return any(_valid(number, region) for region in (REGIONS[:1] if number.startswith("+") else REGIONS))


def _valid(number: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except NumberParseException:
        return False
