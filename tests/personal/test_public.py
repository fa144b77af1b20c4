"""Personal data in public sentences (microsoft/presidio-research, MIT): TANDEM_PUBLIC_DATA names the folder that has them."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tandem.personal import find

DATA = os.environ.get("TANDEM_PUBLIC_DATA")
KINDS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "US_SSN": "national_id",
    "IP_ADDRESS": "ip",
}


def test_nearly_all_is_found_and_hardly_anything_else() -> None:
    path = Path(DATA or ".") / "presidio_pii" / "messages.jsonl"
    if not DATA or not path.exists():
        pytest.skip("TANDEM_PUBLIC_DATA names no folder with these sentences")
    hit, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for row in map(json.loads, path.read_text().splitlines()):
        wanted = [(start, end, KINDS[kind]) for start, end, kind in row["spans"] if kind in KINDS]
        found = [(each.start, each.end, str(each.kind)) for each in find(row["text"])]
        for start, end, kind in wanted:
            whole = any(a <= start and end <= b and kind == other for a, b, other in found)
            (hit if whole else missed)[kind] += 1
        for start, end, kind in found:
            wrong[kind] += not any(start < b and a < end and kind == other for a, b, other in wanted)
    for kind in KINDS.values():
        recall, precision = hit[kind] / (hit[kind] + missed[kind]), hit[kind] / (hit[kind] + wrong[kind])
        print(kind, round(recall, 3), round(precision, 3), hit[kind] + missed[kind])
        assert recall >= (0.95 if kind == "phone" else 0.98), kind
        assert precision >= (0.90 if kind == "phone" else 0.95), kind
