"""What is personal data and what is a number of some thing. Every number here is made up or a published example."""

import itertools
import random
import re

import phonenumbers
import pytest

from tandem.personal import Kind, Policy, find
from tandem.personal.kinds import DEFAULT

PERSONAL = [
    ("write to eva.o'hara+shop@mail.example.co.uk, please", "email", "eva.o'hara+shop@mail.example.co.uk"),
    ("Mail: jürgen@bücher.example.", "email", "jürgen@bücher.example"),
    ("it is eva [at] example [dot] com", "email", "eva [at] example [dot] com"),
    ("eva.klein at example dot com is mine", "email", "eva.klein at example dot com"),
    ("I paid with 4111 1111 1111 1111 yesterday", "card", "4111 1111 1111 1111"),
    ("I paid with 4111-1111-1111-1111 for order 1002", "card", "4111-1111-1111-1111"),
    ("amex 3782 822463 10005", "card", "3782 822463 10005"),
    ("charged 5555555555554444 twice", "card", "5555555555554444"),
    ("my maestro card is 6304000000000000", "card", "6304000000000000"),
    ("send it to DE89 3704 0044 0532 0130 00 please", "iban", "DE89 3704 0044 0532 0130 00"),
    ("iban gb29nwbk60161331926819 or so", "iban", "gb29nwbk60161331926819"),
    ("IBAN: FR14 2004 1010 0505 0001 3M02 606", "iban", "FR14 2004 1010 0505 0001 3M02 606"),
    ("social security: 219-09-9999", "national_id", "219-09-9999"),
    ("my SSN is 219 09 9999", "national_id", "219 09 9999"),
    ("Steuer-ID 86095742719", "national_id", "86095742719"),
    ("Meine IdNr lautet 86 095 742 719", "national_id", "86 095 742 719"),
    ("numéro de sécu 2 55 08 14 168 025 38", "national_id", "2 55 08 14 168 025 38"),
    ("mi DNI es 12345678Z", "national_id", "12345678Z"),
    ("NIE X-1234567L", "national_id", "X-1234567L"),
    ("codice fiscale RSSMRA85T10A562S", "national_id", "RSSMRA85T10A562S"),
    ("my NI is AB 12 34 56 C", "national_id", "AB 12 34 56 C"),
    ("mijn BSN is 111222333", "national_id", "111222333"),
    ("PESEL 44051401359", "national_id", "44051401359"),
    ("meu CPF: 529.982.247-25", "national_id", "529.982.247-25"),
    ("Aadhaar 2341 2341 2346", "national_id", "2341 2341 2346"),
    ("AHV 756.9217.0769.85", "national_id", "756.9217.0769.85"),
    ("personnummer 811228-9874", "national_id", "811228-9874"),
    ("hetu 131052-308T", "national_id", "131052-308T"),
    ("SIN 046 454 286", "national_id", "046 454 286"),
    ("I come from 203.0.113.77, do not block me", "ip", "203.0.113.77"),
    ("from 2001:db8::8a2e:370:7334 I get an error", "ip", "2001:db8::8a2e:370:7334"),
    ("call (0171) 234 56 78 after six", "phone", "(0171) 234 56 78"),
    ("reach me on 020 7946 0958", "phone", "020 7946 0958"),
    ("my number is 06 12 34 56 78.", "phone", "06 12 34 56 78"),
    ("mobile: +49 (0)171 2345678", "phone", "+49 (0)171 2345678"),
    ("0041 44 668 18 00 is the office", "phone", "0041 44 668 18 00"),
    ("555-867-5309 x123 works", "phone", "555-867-5309 x123"),
    ("Please ring 4155550132", "phone", "4155550132"),
]  # fmt: skip

THINGS = [
    "Where is order 10023456? I placed it on 2026-03-14.",
    "order #4155550132 is late",
    "my order number is 4111111111111111, I think",
    "Sendungsnummer 00340434161094015902 seit 12.05.2026",
    "tracking number 1Z999AA10123456784",
    "invoice INV-2026-004512 over €1,234.56",
    "it cost 1.234,56 € and not 1234567 €",
    "between 2019-2024 and on 14/03/2026 at 10:30",
    "The article 4006381333931 (EAN) is sold out",
    "version 10.0.22.1 of the app",
    "120 x 80 x 45 cm, 1500-2000 grams",
    "ISBN 978-3-16-148410-0",
    "meet me at 7943 2027 Prospect Street",
    "error 0x80070057 and code 403 again",
    "customer number 123 456 789",
    "std::vector and a::b, 12:30:45",
    "https://shop.example/orders/4155550132?id=81831554",
    "the meeting @ noon, me@home",
    "wait at the corner dot and dash",
    "booking reference 046454286",
]


@pytest.mark.parametrize(("text", "kind", "value"), PERSONAL, ids=lambda value: str(value)[:24])
def test_personal_data_is_found_whole_and_by_its_kind(text: str, kind: str, value: str) -> None:
    assert [(each.kind, text[each.start : each.end]) for each in find(text)] == [(kind, value)]


@pytest.mark.parametrize("text", THINGS)
def test_numbers_of_things_stay(text: str) -> None:
    assert [(each.kind, text[each.start : each.end]) for each in find(text)] == []


WRONG_DIGIT = [each for each in PERSONAL if each[1] in ("card", "iban")]


@pytest.mark.parametrize(("text", "kind", "value"), WRONG_DIGIT)
def test_a_wrong_check_digit_is_no_number(text: str, kind: str, value: str) -> None:
    last = max(at for at, character in enumerate(value) if character.isdigit())
    wrong = value[:last] + str((int(value[last]) + 1) % 10) + value[last + 1 :]
    assert kind not in [each.kind for each in find(text.replace(value, wrong))]


def test_phone_numbers_of_every_country_beside_a_word_that_says_so() -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    missed, asked = [], 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None or len(str(example.national_number)) < 7:
                continue  # of villages and islands whose numbers are as short as any number
            form = chance.choice(
                [phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL]
            )
            number = phonenumbers.format_number(example, form)
            text = chance.choice(["Please call me at {}.", "Meine Handynummer ist {}", "Tel. {} please"]).format(number)
            asked += 1
            if number not in [text[each.start : each.end] for each in find(text)]:
                missed.append((region, number))
    print("seed", seed, "missed", missed)
    assert asked > 400
    assert len(missed) <= 0.05 * asked


def test_random_order_numbers_survive() -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    wrong = []
    for _ in range(1000):
        digits = "".join(chance.choice("0123456789") for _ in range(chance.randint(5, 16)))
        text = chance.choice(["order {}", "my order number is {}", "tracking {}", "Rechnung Nr. {}", "ticket #{}"])
        text = text.format(digits)
        wrong += [text] if find(text) else []
    print("seed", seed, wrong)
    assert wrong == []


def test_only_the_kinds_asked_for_are_found() -> None:
    text = "4111 1111 1111 1111, eva@example.com"
    assert [each.kind for each in find(text, [Kind.EMAIL])] == [Kind.EMAIL]
    assert find(text, [Kind.PHONE]) == []
    assert find(text, []) == []


def test_names_and_addresses_of_the_record_and_nobody_elses() -> None:
    kinds = (*DEFAULT, Kind.NAME, Kind.ADDRESS)
    record = Policy(names=("Will Ågren",), addresses=("12 Mill Lane\nLeeds LS1 4AP",))
    text = "Will you send it to will ågren, 12 mill lane, Leeds LS1 4AP? Ågren, or Bo Lind, 3 Low Row. I will be in."
    found = [(str(each.kind), text[each.start : each.end]) for each in find(text, kinds, record)]
    assert found == [("name", "will ågren"), ("address", "12 mill lane, Leeds LS1 4AP"), ("name", "Ågren")]


@pytest.mark.timeout(60)
def test_long_texts_of_one_kind_of_character_do_not_hang() -> None:
    for piece in ("1", "a.", "1 ", "a@", "0-", ":", "a at ", "order ", "DE12", "(1", "@a."):
        assert len(find(piece * (100_000 // len(piece)))) < 100_000


def test_a_text_is_never_cut_within_a_number() -> None:
    text = "IBAN DE89 3704 0044 0532 0130 00 and call 020 7946 0958 or 219-09-9999 or 203.0.113.77"
    found = find(text)
    assert len(found) == 4
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    assert not re.search(r"\d", "".join(text[a.end : b.start] for a, b in itertools.pairwise(found)))
