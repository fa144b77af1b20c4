"""Tax and social security numbers, country by country: their form, their check digits, and the words that go with them.

A number whose form or check is weak counts only beside such a word; one that has neither letter nor check is never guessed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tandem.personal import checks, context
from tandem.personal.kinds import Found, Kind


@dataclass(frozen=True, slots=True)
class Number:
    """One country's number. `word`: it counts only with this word near; None: form and check are enough."""

    form: re.Pattern[str]
    check: Callable[[str], bool] | None
    word: re.Pattern[str] | None = None


def _number(form: str, check: Callable[[str], bool] | None, word: str | None = None) -> Number:
    near = re.compile(rf"(?<!\w)(?:{word})(?!\w)", re.IGNORECASE) if word else None
    return Number(re.compile(rf"(?<![\w.,/+-])(?<!\d )(?:{form})(?![\w/]|[-., ]\d)", re.IGNORECASE), check, near)


NUMBERS = (
    _number(r"\d{3}-\d{2}-\d{4}", checks.ssn),
    _number(r"\d{3} \d{2} \d{4}|\d{9}", checks.ssn, r"ssn|social(?: security)?|soc sec|itin|tax ?payer"),
    _number(r"\d{2} \d{3} \d{3} \d{3}", checks.steuer_id),
    _number(r"\d{11}", checks.steuer_id, r"steuer\w*|idnr|identifikationsnummer|tax|tin"),
    _number(r"[12378] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", checks.nir),
    _number(r"(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z]", checks.dni),
    _number(r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", checks.codice_fiscale),
    _number(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", None),
    _number(r"\d{9}|\d{4}\.\d{2}\.\d{3}", checks.bsn, r"bsn|sofi\w*|burgerservice\w*"),
    _number(r"\d{11}", checks.pesel),
    _number(r"\d{3}\.\d{3}\.\d{3}-\d{2}", checks.cpf),
    _number(r"\d{11}|\d{9}-\d{2}", checks.cpf, r"cpf|cadastro"),
    _number(r"[2-9]\d{3} \d{4} \d{4}|[2-9]\d{3}-\d{4}-\d{4}", checks.aadhaar),
    _number(r"[2-9]\d{11}", checks.aadhaar, r"aadhaar|aadhar|uidai?"),
    _number(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]", None, r"pan|income tax|permanent account"),
    _number(r"756\.\d{4}\.\d{4}\.\d{2}|756\d{10}", checks.ahv),
    _number(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", checks.belgian),
    _number(r"\d{11}", checks.belgian, r"rijksregister\w*|registre national|national\w*|nrn|insz|niss"),
    _number(r"\d{6}[-+]\d{4}", checks.personnummer),
    _number(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", checks.hetu),
    _number(r"\d{6}-?\d{4}", checks.cpr, r"cpr\w*|personnummer|personal id"),
    _number(r"\d{6} ?\d{5}", checks.fodselsnummer),
    _number(r"\d{3}[ -]\d{3}[ -]\d{3}|\d{9}", checks.luhn, r"sin|social insurance|nas"),
    _number(r"\d{3} ?\d{3} ?\d{3}", checks.tfn, r"tfn|tax file"),
    _number(r"\d{9}", checks.nif, r"nif|contribuinte"),
)  # fmt: skip


def find(text: str) -> Iterator[Found]:
    """Every number that can be one, possibly some that overlap."""
    for number in NUMBERS:
        for match in number.form.finditer(text):
            if number.check is not None and not number.check(re.sub(r"[ .\-+]", "", match[0]).upper()):
                continue
            start, end = match.span()
            alone = number.word is None and not context.names_a_thing(text, start)
            if alone or (number.word is not None and context.near(number.word, text, start, end)):
                yield Found(start, end, Kind.NATIONAL_ID)
