"""Ids: UUID version 7 inside, a readable prefix and 26 letters outside (`cnv_01h455vb4pex5vsknk084sn02q`, the TypeID form).

They sort by time of making and cannot be guessed. A plain UUID is read too.
"""

import secrets
import time
from typing import Final, NewType
from uuid import UUID

from tandem.errors import Malformed

TenantId = NewType("TenantId", UUID)
MemberId = NewType("MemberId", UUID)
CustomerId = NewType("CustomerId", UUID)
ConversationId = NewType("ConversationId", UUID)
TicketId = NewType("TicketId", UUID)
MessageId = NewType("MessageId", UUID)
TurnId = NewType("TurnId", UUID)
DocumentId = NewType("DocumentId", UUID)
PassageId = NewType("PassageId", UUID)

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}


def new() -> UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 random bits."""
    millis = time.time_ns() // 1_000_000
    rand = secrets.randbits(74)
    return UUID(int=millis << 80 | 0x7 << 76 | (rand >> 62) << 64 | 0b10 << 62 | rand & (1 << 62) - 1)


def show(prefix: str, value: UUID) -> str:
    """The outside form of an id."""
    number = value.int
    return prefix + "_" + "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def read(prefix: str, text: str, field: str = "id") -> UUID:
    """The inside form of an id that came from outside. Raises Malformed, naming the field."""
    head, _, tail = text.rpartition("_")
    try:
        if not head:
            return UUID(text)
        if head == prefix and len(tail) == 26 and tail[0] <= "7":
            number = 0
            for letter in tail:
                number = number << 5 | VALUES[letter]
            return UUID(int=number)
    except (ValueError, KeyError):
        pass
    raise Malformed(
        f"{field} is not an id of the form {prefix}_…",
        errors=[{"field": field, "message": f"must look like {prefix}_… as this API gave it"}],
    )
