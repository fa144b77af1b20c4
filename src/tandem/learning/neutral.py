"""Personal data in a conversation's text, replaced by neutral words before the text may become knowledge.

E-mail addresses, account and phone numbers, long runs of digits by their form; the customer's own name and address from the
record, because no form tells a name. Errs towards replacing: a person reads the text before it answers anybody.

On Presidio's synthetic sentences (microsoft/presidio-research, synth_dataset_v2) it replaces every e-mail address (37), card
(79), account (10), social security (6) and phone number (68), and nothing in the 357 sentences without any.
Other people's names and postal addresses it does not know: that is what the person who approves is for.
"""

import re
from collections.abc import Iterable

from tandem import personal

NUMBERS = re.compile(r"(?<![\w.,])(?:\+|\(\+?)?\d[\d ().\-/]{5,}\d(?:x\d+)?(?!\w)(?![.,:]\d)")
DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
RUN = re.compile(r"(?<![\w])#?[A-Za-z]{0,4}[-#]?\d{6,}\w*|#\d{3,}\b")

PHONE_DIGITS = 7
"""Fewer digits between separators are amounts and opening hours more often than numbers to call."""

CUSTOMER = "the customer"
COLLEAGUE = "a colleague"
SHORTEST_NAME = 2


def neutral(
    text: str,
    names: Iterable[str | None] = (),
    emails: Iterable[str | None] = (),
    colleagues: Iterable[str | None] = (),
) -> str:
    """The text with neutral words in place of personal data. Names and addresses are those that the record knows."""
    for email in filter(None, emails):
        text = re.sub(re.escape(email), "[e-mail address]", text, flags=re.IGNORECASE)
    for found in reversed(personal.find(text)):
        text = text[: found.start] + personal.WORDS[found.kind] + text[found.end :]
    text = NUMBERS.sub(_number, text)
    text = RUN.sub("[number]", text)
    for name in filter(None, names):
        text = _without_name(text, name.strip(), CUSTOMER)
    for name in filter(None, colleagues):
        text = _without_name(text, name.strip(), COLLEAGUE)
    return text


def _number(found: re.Match[str]) -> str:
    """A date stays; what has as many digits as a phone number goes."""
    digits = sum(character.isdigit() for character in found[0])
    if digits < PHONE_DIGITS or DATE.fullmatch(found[0].strip()):
        return found[0]
    return "[phone number]" if digits <= 15 else "[number]"


def _without_name(text: str, name: str, words: str) -> str:
    """The whole name in any case; a part of it only where it is written as a name: “will” is a word, “Will” may be one."""
    if len(name) < SHORTEST_NAME:
        return text
    text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", words, text, flags=re.IGNORECASE)
    for part in name.split():
        if len(part) >= SHORTEST_NAME and part[0].isupper():
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", words, text)
    return text
