"""All personal data of a text, each place once. Time grows with the text's length alone: no pattern backs up over an unbounded gap."""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator

from tandem.personal import checks, context, known, national, phones
from tandem.personal.kinds import DEFAULT, Found, Kind, Policy

EMAIL = re.compile(
    r"(?<![\w.+%'-])[\w](?:[\w.+%'’&-]{0,62}[\w+-])?@(?:[\w](?:[\w-]{0,61}[\w])?\.){1,6}[^\W\d_][\w-]{1,23}(?![\w@])"
)
SPELT = re.compile(
    r"(?<![\w.@])[\w][\w.+-]{1,40}(?: ?[\[({<] ?(?:at|@) ?[\])}>] ?[\w-]{2,40}(?: ?(?:\.|[\[({<] ?(?:dot|\.) ?[\])}>]) ?[\w-]{2,24}){1,3}"
    r"| (?:at|AT) [\w-]{2,40} (?:dot|DOT) (?:com|org|net|edu|io|de|fr|es|it|nl|uk|co dot uk|eu|ch|at|pl|info|me)(?!\w))",
)
"""An address spelt out: only with brackets around “at”, or with “at” and “dot” before a common ending."""

IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)")
IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])", re.IGNORECASE
)
VERSION = re.compile(r"(?:\bv(?:er(?:sion|\.)?)?|\b(?:version|release|build|firmware|update|android|ios|windows|chrome|driver|section|chapter)):?\s*\Z", re.IGNORECASE)  # fmt: skip
CARD = re.compile(r"(?<![\w.,/-])(?<!\d[ ])[1-6]\d{3}(?:[ -]?\d){8,15}(?![\w/]|[-.,]\d| \d)")
GROUPED = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5}")
BRAND = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|3[47]\d{13}|3(?:0[0-59]|[689]\d)\d{11}|(?:30|36|38|39)\d{14,17}"
    r"|(?:6011|65\d{2}|64[4-9]\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12,15}|(?:2131|1800)\d{11}|62\d{14,17}|(?:5018|5020|5038|58\d{2}|6304|67\d{2}|50\d{2}|5[6-9]\d{2}|6[0-9]{3})\d{8,15}"
)
"""Visa, Mastercard, Amex, Diners, Discover, JCB, UnionPay, Maestro, by ISO/IEC 7812 prefixes and lengths."""

SURE_LENGTHS = (14, 15, 16)
"""Other lengths are rare and one number in ten passes Luhn by chance: they need a word beside them, which stands for the brand too."""

IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![\w])", re.IGNORECASE)


def find(text: str, kinds: Collection[Kind] = DEFAULT, policy: Policy | None = None) -> list[Found]:
    """The places of these kinds, in order, none within another. `policy` says what the record knows.

    Of two that overlap the stricter form wins, also when its kind is not asked for: a card is never half a phone number.
    """
    record = policy or Policy()
    taken: list[Found] = []
    rules: tuple[Callable[[], Iterator[Found]], ...] = (
        lambda: _emails(text, record),
        lambda: _ibans(text),
        lambda: _addresses(text),
        lambda: _cards(text),
        lambda: national.find(text),
        lambda: known.places(text, record.addresses),
        lambda: phones.find(text),
        lambda: known.people(text, record.names),
    )
    for rule in rules:
        for found in rule():
            if all(found.end <= other.start or other.end <= found.start for other in taken):
                taken.append(found)
    return sorted((each for each in taken if each.kind in kinds), key=lambda each: each.start)


def _emails(text: str, record: Policy) -> Iterator[Found]:
    for address in record.emails:
        for match in re.finditer(re.escape(address), text, re.IGNORECASE):
            yield Found(*match.span(), Kind.EMAIL)
    if "@" in text:
        for match in EMAIL.finditer(text):
            yield Found(*match.span(), Kind.EMAIL)
    for match in SPELT.finditer(text):
        yield Found(*match.span(), Kind.EMAIL)


def _ibans(text: str) -> Iterator[Found]:
    for match in IBAN.finditer(text):
        if (end := _iban_end(text, *match.span())) is not None:
            yield Found(match.start(), end, Kind.IBAN)


def _iban_end(text: str, start: int, end: int) -> int | None:
    """Where the IBAN ends that begins here: words behind it may look like more of it."""
    length = int(checks.IBAN_LENGTHS.get(text[start : start + 2].upper(), 0))
    at, kept = start, ""
    while at < end and len(kept) < length:
        kept += text[at] if text[at].isalnum() else ""
        at += 1
    ends = at >= len(text) or not text[at].isalnum()
    return at if length and ends and checks.iban(kept.upper()) else None


def _addresses(text: str) -> Iterator[Found]:
    for match in IPV4.finditer(text):
        if not VERSION.search(text[max(0, match.start() - 12) : match.start()]):
            yield Found(*match.span(), Kind.IP)
    if text.count(":") < 2:
        return
    for match in IPV6.finditer(text):
        if sum(character in "0123456789abcdefABCDEF" for character in match[0]) >= 4 and _is_ip(match[0]):
            yield Found(*match.span(), Kind.IP)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _cards(text: str) -> Iterator[Found]:
    for match in CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if not checks.luhn(digits) or len(set(digits)) < 2:
            continue
        named = context.near(context.CARD_WORD, text, *match.span(), before=40)
        branded = BRAND.fullmatch(digits) is not None
        thing = context.names_a_thing(text, match.start())
        sure = len(digits) in SURE_LENGTHS and not thing
        if (branded and (GROUPED.fullmatch(match[0]) or sure)) or (named and not thing):
            yield Found(*match.span(), Kind.CARD)
