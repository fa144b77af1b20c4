"""Check digits: whether a number can be what it looks like. Each takes digits and capital letters without separators."""

import datetime

LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
"""Control letters of Spain's DNI and NIE, by the number modulo 23."""

ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True))  # fmt: skip
"""Values of characters in odd places of Italy's codice fiscale."""

HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
"""Control characters of Finland's personal identity code, by the number modulo 31."""

IBAN_LENGTHS = dict(
    entry.split(":")
    for entry in (
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BI:27 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DJ:27 DK:18 DO:28"
        " EE:20 EG:29 ES:24 FI:18 FK:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HN:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26"
        " IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MN:20 MR:27 MT:31 MU:30 NI:28"
        " NL:18 NO:15 OM:23 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 RU:33 SA:24 SC:31 SD:18 SE:24 SI:19 SK:24 SM:27 SO:23 ST:25"
        " SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20 YE:30"
    ).split()
)
"""Characters of an IBAN by country: SWIFT's registry, release 99."""

_VERHOEFF = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")  # fmt: skip
_TURNED = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: cards, Canada's SIN, Sweden's personnummer."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban(text: str) -> bool:
    """ISO 13616: the length of its country, and 1 modulo 97."""
    if IBAN_LENGTHS.get(text[:2]) != str(len(text)):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def ssn(digits: str) -> bool:
    """US: areas 000, 666 and numbers with a group of zeros are never given; 9xx are the tax numbers of people without one."""
    return digits[:3] not in ("000", "666") and digits[3:5] != "00" and digits[5:] != "0000"


def steuer_id(digits: str) -> bool:
    """Germany: eleven digits, of the first ten exactly one twice or thrice; ISO 7064 mod 11,10."""
    counts = sorted(digits[:10].count(digit) for digit in set(digits[:10]))
    if digits[0] == "0" or counts[-1] not in (2, 3) or counts[-2:-1] != [1]:
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def nir(text: str) -> bool:
    """France: thirteen digits (2A and 2B for Corsica) and 97 less their remainder."""
    number = text.replace("2A", "19").replace("2B", "18") if text[5:7] in ("2A", "2B") else text
    return number.isdigit() and 97 - int(number[:13]) % 97 == int(number[13:])


def dni(text: str) -> bool:
    """Spain: DNI, and NIE with X, Y or Z in front."""
    number = text[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and LETTERS[int(number) % 23] == text[-1]


def codice_fiscale(text: str) -> bool:
    """Italy: fifteen characters and a letter made of them."""
    total = sum(ODD[c] if at % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for at, c in enumerate(text[:15]))
    return chr(65 + total % 26) == text[15]


def bsn(digits: str) -> bool:
    """The Netherlands: the eleven test."""
    return sum(int(d) * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0


def pesel(digits: str) -> bool:
    """Poland: a day of birth whose month says the century, and a check digit."""
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    weighed = sum(int(d) * w for d, w in zip(digits[:10], (1, 3, 7, 9) * 3, strict=False))
    return is_day(2000 + year, month % 20, day) and (10 - weighed % 10) % 10 == int(digits[10])


def cpf(digits: str) -> bool:
    """Brazil: two check digits; eleven alike are never given."""
    return len(set(digits)) > 1 and all(
        sum(int(d) * (n + 1 - at) for at, d in enumerate(digits[:n])) * 10 % 11 % 10 == int(digits[n]) for n in (9, 10)
    )


def aadhaar(digits: str) -> bool:
    """India: Verhoeff's check digit."""
    state = 0
    for at, digit in enumerate(reversed(digits)):
        state = int(_VERHOEFF[state][int(_TURNED[at % 8][int(digit)])])
    return state == 0


def ahv(digits: str) -> bool:
    """Switzerland: thirteen digits from 756 on, with the check digit of an EAN."""
    return sum(int(d) * (1 + 2 * (at % 2)) for at, d in enumerate(digits)) % 10 == 0


def belgian(digits: str) -> bool:
    """Belgium: a day of birth, a counter and 97 less the remainder; a 2 goes before it for those born since 2000."""
    before, check = digits[:9], int(digits[9:])
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    return is_day(2000, month, day) and check in (97 - int(before) % 97, 97 - int("2" + before) % 97)


def personnummer(digits: str) -> bool:
    """Sweden: a day of birth (or 60 more, for a coordination number) and Luhn's digit."""
    return is_day(2000, int(digits[2:4]), int(digits[4:6]) % 60) and luhn(digits)


def hetu(text: str) -> bool:
    """Finland: ddmmyy, a sign for the century, a number, and a control character."""
    return is_day(2000, int(text[2:4]), int(text[:2])) and HETU[int(text[:6] + text[-4:-1]) % 31] == text[-1]


def cpr(digits: str) -> bool:
    """Denmark: ddmmyy and four digits, which no longer have a check."""
    return is_day(2000, int(digits[2:4]), int(digits[:2]))


def fodselsnummer(digits: str) -> bool:
    """Norway: ddmmyy and two check digits."""
    first = sum(int(d) * w for d, w in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), strict=False)) % 11
    second = sum(int(d) * w for d, w in zip(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11
    return is_day(2000, int(digits[2:4]) % 40, int(digits[:2]) % 40) and first == second == 0


def tfn(digits: str) -> bool:
    """Australia: the weighted sum modulo 11."""
    return sum(int(d) * w for d, w in zip(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10), strict=True)) % 11 == 0


def nif(digits: str) -> bool:
    """Portugal: the weighted sum modulo 11."""
    rest = sum(int(d) * (9 - at) for at, d in enumerate(digits[:8])) % 11
    return (0 if rest < 2 else 11 - rest) == int(digits[8])


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has it; 2000 is a leap year, for those whose century is not known."""
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True
