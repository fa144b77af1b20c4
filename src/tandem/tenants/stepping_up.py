"""Stepping up: a one-time code to the address on a customer's record lifts one conversation's identity for a while.

The address is the one that the company gave, in an identity token or by its server, never one from a message. Of a code
only a keyed hash is kept: a plain one of a million codes is guessed at once. Knows nothing about what needs a lifted identity.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound, TooMany
from tandem.ids import ConversationId, CustomerId
from tandem.outgoing import mail
from tandem.outgoing.mail import Mail, NotMailable
from tandem.tenants.sealing import Sealer

Q = Queries("tandem.tenants")

DIGITS: Final = 6
LIVES_S: Final = 600
TRIES: Final = 5
"""Five tries of a million codes that live for ten minutes: within what NIST SP 800-63B asks of a code sent out of band (6 digits,
10 minutes, tries limited)."""

A_CONVERSATION: Final = 3
A_CUSTOMER: Final = 5
"""Codes within an hour. With TRIES that leaves whoever guesses 25 tries an hour: one hit in four and a half years."""

LIFTS_S: Final = 900
"""How long a conversation stays lifted."""

EVENT: Final = "identity_checked"
"""The kind of event in a conversation's log that tells how it went; its data are `state` and `sent_to`."""


class State(StrEnum):
    """How it went."""

    CODE_SENT = "code_sent"
    STEPPED_UP = "stepped_up"
    WRONG_CODE = "wrong_code"


class NotKnown(Conflict):
    """The company has not said who this customer is, so that no code can prove it. Sign in on its website first."""

    code, title = "not_verified", "Nobody has said who this customer is"


class NoAddress(Conflict):
    """There is no e-mail address on the customer's record that a code could be sent to. The company has to add one."""

    code, title = "no_address", "There is no e-mail address on record"


class TooManyCodes(TooMany):
    """So many codes were sent within the hour that guessing would become worth while. Wait `retry_after` seconds."""

    code, title = "too_many_codes", "Too many codes were sent"


@dataclass(frozen=True, slots=True)
class Code:
    """A code to send, once its transaction is committed. `sent_to` is the address as the customer may see it."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    sent_to: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StepUp:
    """The open code of a conversation or else its last one, without what is secret about it."""

    sent_to: str
    created_at: datetime
    expires_at: datetime
    is_open: bool
    tries: int
    ends_at: datetime | None

    @property
    def tries_left(self) -> int:
        """How often a code can still be tried before another has to be sent."""
        return TRIES - self.tries if self.is_open else 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who would get a code. `is_known`: the company has named them; no text of theirs can have."""

    email: str | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """A code of the last hour: sent in this conversation or another one of the customer, and when it no longer counts."""

    is_here: bool
    leaves_s: float


@dataclass(frozen=True, slots=True)
class Expiry:
    """An end."""

    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """A code that somebody tries."""

    id: UUID
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Lift:
    """The end of a lifted identity."""

    ends_at: datetime


async def begin(tx: Tx, sealer: Sealer, customer_id: CustomerId, conversation_id: ConversationId) -> Code:
    """A code for the owner of this conversation; an older one counts no longer. Send `letter` of it after the commit.

    Whoever changes the conversation in the same transaction has locked it before: it is always the first row that is locked.
    Raises NotKnown, NoAddress or TooManyCodes; NotFound when the conversation is not this customer's.
    """
    whose = {"customer_id": customer_id, "conversation_id": conversation_id}
    recipient = await tx.maybe(Q.step_up_recipient, Recipient, **whose)
    if recipient is None:
        raise NotFound("There is no such conversation.")
    to = _address(recipient)
    wait_s = _wait_s(await tx.all(Q.step_ups_of_the_hour, Earlier, **whose))
    if wait_s > 0:
        minutes = max(1, round(wait_s / 60))
        raise TooManyCodes(
            f"Too many codes were sent. Another can be sent in {minutes} min.", retry_after=round(wait_s, 1)
        )
    row_id, text = ids.new(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    tx.later(Q.end_step_ups, conversation_id=conversation_id)
    made = await tx.one(
        Q.add_step_up,
        Expiry,
        id=row_id,
        code_hash=_hash(sealer, tx.tenant_id, row_id, text),
        sent_to=shown(to),
        lives_s=LIVES_S,
        **whose,
    )
    return Code(to, text, shown(to), made.expires_at)


async def check(tx: Tx, sealer: Sealer, conversation_id: ConversationId, customer_id: CustomerId, text: str) -> bool:
    """Whether this is the open code of the conversation; if so it is used up, and the conversation lifted for LIFTS_S.

    A try is counted when this is False too: let the transaction commit. Spaces and dashes among the digits are overlooked;
    what is not of six digits cannot be right, and is not counted.
    """
    digits = re.sub(r"[\s-]", "", text)
    if re.fullmatch(f"[0-9]{{{DIGITS}}}", digits) is None:
        return False
    tried = await tx.maybe(
        Q.count_step_up_try, Tried, conversation_id=conversation_id, customer_id=customer_id, most=TRIES
    )
    if tried is None or not hmac.compare_digest(_hash(sealer, tx.tenant_id, tried.id, digits), tried.code_hash):
        return False
    await tx.run(Q.pass_step_up, id=tried.id, lifts_s=LIFTS_S)
    return True


async def is_lifted(tx: Tx, conversation_id: ConversationId, customer_id: CustomerId) -> bool:
    """Whether a right code was given in this conversation of this customer, and not too long ago."""
    return await lifted_until(tx, conversation_id, customer_id) is not None


async def lifted_until(tx: Tx, conversation_id: ConversationId, customer_id: CustomerId) -> datetime | None:
    """Until when the conversation is lifted; None when it is not."""
    lift = await tx.maybe(Q.step_up_end, Lift, conversation_id=conversation_id, customer_id=customer_id)
    return lift.ends_at if lift else None


async def newest(tx: Tx, conversation_id: ConversationId, customer_id: CustomerId) -> StepUp | None:
    """The open code, else the last one; None when none was ever sent."""
    return await tx.maybe(Q.newest_step_up, StepUp, conversation_id=conversation_id, customer_id=customer_id)


def letter(code: Code, company: str) -> Mail:
    """The mail that carries a code. The company's name is a text like any other: one line of it, and nothing in it runs."""
    name = " ".join("".join(c if c.isprintable() else " " for c in company).split())[:100] or "our support"
    text = (
        f"Hello,\n\n"
        f"your code for the chat with {name} is\n\n"
        f"    {code.text}\n\n"
        f"Type it into the chat within {LIVES_S // 60} minutes. It works once.\n\n"
        f"If you did not ask for it, ignore this mail: without the code nothing happens.\n"
        f"Give it to nobody else. Nobody at {name} will ever ask you for it.\n"
    )
    return Mail(code.to, f"Your code for {name}", text)


def shown(address: str) -> str:
    """An address as one knows one's own again and nobody else learns it: `c…@customer.example`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _address(recipient: Recipient) -> str:
    """Where a code for them goes. Raises NotKnown or NoAddress."""
    if not recipient.is_known:
        raise NotKnown("A code can only be sent to customers whom the company's website has signed in.")
    try:
        mail.address(recipient.email or "")
    except NotMailable as problem:
        raise NoAddress("There is no e-mail address on your record that a code could be sent to.") from problem
    return recipient.email or ""


def _wait_s(earlier: Sequence[Earlier]) -> float:
    """Seconds until another code may be sent, by those of the last hour, newest first; 0: at once."""
    here = [each.leaves_s for each in earlier if each.is_here]
    everywhere = [each.leaves_s for each in earlier]
    return max(
        here[A_CONVERSATION - 1] if len(here) >= A_CONVERSATION else 0.0,
        everywhere[A_CUSTOMER - 1] if len(everywhere) >= A_CUSTOMER else 0.0,
    )


def _hash(sealer: Sealer, tenant_id: UUID, row_id: UUID, digits: str) -> bytes:
    """What is kept of a code: useless without the master key, and in any other row."""
    return hmac.digest(sealer.key("step-up"), tenant_id.bytes + row_id.bytes + digits.encode(), "sha256")
