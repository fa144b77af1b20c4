"""What no sentence of a model may do, whatever it cites: give away personal data, ask for a secret, insult or threaten.

Pure functions on text. What the customer wrote themselves and what their own record says may be said back to them.
"""

import re

from tandem import personal
from tandem.intents import phrases

MAY_HOLD_DATA = re.compile(
    r"@|\d(?:\W{0,2}\d){5}|[\[({<]? ?at ?[\])}>]?.{1,60}\bdot\b|[0-9a-f]{0,4}:[0-9a-f]{0,4}:", re.I
)
"""Every form that `personal.find` knows has one of these; looking closely costs ten times as much."""

WANTED = (
    r"(?:pass(?:word|code|phrase)s?|pin(?: (?:code|number))?s?"
    r"|(?:card|cvv|cvc|security|verification|one[- ]time|sms|confirmation|login|2fa) (?:number|code|details)s?|cvv|cvc|otp"
    r"|(?:credit|debit|bank) card(?: details)?|(?:bank )?account number|iban|social security number|ssn|national id(?:entity)?(?: number)?"
    r"|passport number|private key|secret key|api key|seed phrase|login details|credentials)"
)
"""What only a thief would ask a customer for."""

TO_US = (
    r"what(?:['’]s| is| are)|(?:tell|give|send|text|e-?mail) (?:me|us)|reply with|let (?:me|us) (?:know|have)"
    r"|(?:i|we)(?:['’]ll)? (?:\w+ )?(?:need|require)|(?:may|can|could) (?:i|we) (?:have|get)"
)
SOMEWHERE = r"share|provide|type|write|post|state|confirm|send|give|enter"


def _asks(how: str) -> re.Pattern[str]:
    between = r"\b[^.!?\n]{0,50}?\b(?:your|the|its?|my|full|current|complete)\b[^.!?\n]{0,30}?\b"
    return re.compile(rf"\b(?:{how}){between}(?P<wanted>{WANTED})\b", re.IGNORECASE)


ASKS_FOR = _asks(TO_US)
"""Wants the customer to tell it one of them."""

WANTS_TYPED = _asks(SOMEWHERE)
"""May want it typed into a form, as an article about passwords does; without such an article it is the same."""

WARNS = re.compile(
    r"(?:\b(?:never|not|without|no need|nor|nobody will)|n['’]t)"
    r"(?: (?:ever|even|please|ask|asks|asked|be|you|to|have|need|want|for)){0,5} ?$",
    re.IGNORECASE,
)
"""What stands right before it in a warning: "Never share your password"."""

HOSTILE = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (*phrases.ABUSE, *phrases.THREAT))

PERSONAL = "it gives an address or a number that neither the customer nor the cited passage gave"
SECRETS = "it asks the customer for a secret"
INSULTS = "it insults or threatens"


def trouble(sentence: str, source: str, told: str) -> str:
    """Why the sentence must not leave, "" if nothing is the matter. `source` is what it cites, `told` what this customer gave."""
    if asks_for_secret(sentence, source):
        return SECRETS
    if any(pattern.search(sentence) for pattern in HOSTILE):
        return INSULTS
    return PERSONAL if gives_away(sentence, f"{source}\n{told}") else ""


def asks_for_secret(sentence: str, source: str) -> bool:
    """Whether it wants a secret of the customer's. What the source says itself, word for word, is the company's own wish."""
    if sentence.strip() in source:
        return False
    if any(WARNS.search(sentence, 0, asked.start()) is None for asked in ASKS_FOR.finditer(sentence)):
        return True
    return any(
        WARNS.search(sentence, 0, typed.start()) is None and typed["wanted"].lower() not in source.lower()
        for typed in WANTS_TYPED.finditer(sentence)
    )


def gives_away(sentence: str, known: str) -> bool:
    """Whether it holds an e-mail address, a number of a phone, card, account or person, or an IP address that is not known."""
    if MAY_HOLD_DATA.search(sentence) is None:
        return False
    there = _plain(known)
    return any(_plain(sentence[found.start : found.end]) not in there for found in personal.find(sentence))


def _plain(text: str) -> str:
    """Letters, digits and `@` alone: the same number is written with spaces, dots and brackets."""
    return re.sub(r"[^\w@]|_", "", text.lower())
