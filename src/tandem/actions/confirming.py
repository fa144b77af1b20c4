"""The token on a card: good for this run alone, which means this conversation, this action and these arguments.

Made anew whenever the card is shown, never stored; used up by the run's state, which it can move only once.
"""

import base64
import hashlib
import hmac
import re
from typing import Any
from uuid import UUID

import orjson

from tandem.tenants.sealing import Sealer

PREFIX = "ct_"

YES = frozenset(
    "yes|yes please|yes do it|yes confirm|yes go ahead|y|yep|yeah|yup|ok|okay|sure|confirm|confirmed|i confirm|go ahead|do it|please do"
    "|ja|ja bitte|ok ja|genau|oui|oui merci|d'accord|sí|si|vale|de acuerdo|sì|va bene|sim|tak|да|evet".split("|")
)
NO = frozenset(
    "no|no thanks|no thank you|nope|nah|cancel|cancel that|stop|don't|do not|don't do it|do not do it|never mind|nevermind|not now"
    "|nein|nein danke|abbrechen|non|non merci|no gracias|não|nie|нет|hayır".split("|")
)
"""What counts as an answer when the message is nothing else. Anything beside it is a message like every other."""


def fingerprint(action: str, arguments: dict[str, Any]) -> bytes:
    """Of an action and its arguments: equal for equal ones, whatever the order of names."""
    return hashlib.sha256(orjson.dumps([action, arguments], option=orjson.OPT_SORT_KEYS)).digest()


def token(sealer: Sealer, tenant_id: UUID, conversation_id: UUID, run_id: UUID, mark: bytes) -> str:
    """What the customer's click sends back."""
    bound = tenant_id.bytes + conversation_id.bytes + run_id.bytes + mark
    digest = hmac.new(sealer.key("confirm"), bound, hashlib.sha256).digest()
    return PREFIX + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def matches(expected: str, shown: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(expected.encode(), shown.encode())


def answer(text: str) -> bool | None:
    """Whether the message says yes or no and nothing else; None when it says something else."""
    said = re.sub(r"\s+", " ", re.sub(r"[^\w\s']", " ", text.casefold().replace("’", "'"))).strip()
    return True if said in YES else False if said in NO else None
