"""One-time codes in a conversation: one is sent where an action asks for it, and the customer types it as a message."""

import logging
import re
from dataclasses import dataclass

from tandem.actions.session import Session
from tandem.db import Database
from tandem.errors import Problem
from tandem.outgoing.mail import Mailer, MailFailed
from tandem.tenants import companies, stepping_up
from tandem.tenants.sealing import Sealer

logger = logging.getLogger(__name__)

CODE = re.compile(r"\D{0,20}(\d[\d\s-]{4,9}\d)\D{0,5}")
"""A message that is a code and hardly anything else."""

NOT_SENT = "I could not send you a code to confirm that it is you, so a person from our team will help you with this."
WRONG = "That is not the code. Please look once more; the newest one counts."
NO_MORE = "That code does not count any more. Ask me again and I will send you another."


@dataclass(frozen=True, slots=True)
class Proved:
    """Whether it went well, and what to say of it."""

    is_right: bool
    sentence: str = ""


class Proving:
    """Sends codes and checks them."""

    def __init__(self, db: Database, sealer: Sealer, mailer: Mailer) -> None:
        self._db, self._sealer, self._mailer = db, sealer, mailer

    async def send(self, session: Session) -> Proved:
        """A code to the address on the customer's record; one that was sent already and is still good stands."""
        try:
            async with self._db.tenant(session.tenant_id) as tx:
                code = await stepping_up.begin(tx, self._sealer, session.customer_id, session.conversation_id)
                company = await companies.get(tx)
            await self._mailer.send(stepping_up.letter(code, company.name))
        except (Problem, MailFailed) as problem:
            logger.warning("a code was not sent: %s", getattr(problem, "code", "mail"))
            return Proved(False, NOT_SENT)
        return Proved(
            True, f"I have sent a code of six digits to {code.sent_to}. Please type it here, so that I know it is you."
        )

    async def typed(self, session: Session, text: str) -> Proved | None:
        """What a message is as a code; None when none is open, or it is no code."""
        found = CODE.fullmatch(text.strip())
        if found is None:
            return None
        whose = session.conversation_id, session.customer_id
        async with self._db.tenant(session.tenant_id) as tx:
            newest = await stepping_up.newest(tx, *whose)
            if newest is None or not newest.is_open:
                return None
            right = await stepping_up.check(tx, self._sealer, *whose, found[1])
            left = await stepping_up.newest(tx, *whose)
        if right:
            return Proved(True)
        return Proved(False, WRONG if left is not None and left.is_open else NO_MORE)
