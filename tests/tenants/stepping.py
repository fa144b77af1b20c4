"""A customer in a conversation who is sent codes, for tests of stepping up; and somebody who guesses them."""

import random
from dataclasses import dataclass

from tandem.conversations import threads
from tandem.conversations.threads import Channel
from tandem.db import Database, Query
from tandem.ids import ConversationId, CustomerId, TenantId
from tandem.tenants import stepping_up
from tandem.tenants.sealing import Sealer
from tandem.tenants.stepping_up import Code
from tests.cast import Client

GUESSES = 1000

PAST = Query(
    "in these tests",
    None,
    "",
    b"update step_ups set created_at = created_at - make_interval(secs => %(s)s), expires_at = expires_at - make_interval(secs => %(s)s), "
    b"passed_at = passed_at - make_interval(secs => %(s)s), ends_at = ends_at - make_interval(secs => %(s)s)",
)


@dataclass(frozen=True, slots=True)
class Stepping:
    """One conversation of one customer."""

    db: Database
    sealer: Sealer
    tenant_id: TenantId
    customer_id: CustomerId
    conversation_id: ConversationId

    async def begin(self) -> Code:
        """Have a code sent."""
        async with self.db.tenant(self.tenant_id) as tx:
            return await stepping_up.begin(tx, self.sealer, self.customer_id, self.conversation_id)

    async def check(self, text: str) -> bool:
        """Type one."""
        async with self.db.tenant(self.tenant_id) as tx:
            return await stepping_up.check(tx, self.sealer, self.conversation_id, self.customer_id, text)

    async def is_lifted(self) -> bool:
        """Whether it has helped."""
        async with self.db.tenant(self.tenant_id) as tx:
            return await stepping_up.is_lifted(tx, self.conversation_id, self.customer_id)

    async def tries_left(self) -> int:
        """How many there are."""
        async with self.db.tenant(self.tenant_id) as tx:
            newest = await stepping_up.newest(tx, self.conversation_id, self.customer_id)
        return newest.tries_left if newest else 0

    async def wait(self, seconds: float) -> None:
        """Time passes: every moment that is written down moves into the past."""
        async with self.db.tenant(self.tenant_id) as tx:
            await tx.run(PAST, s=seconds)

    async def another(self) -> "Stepping":
        """Another conversation of the same customer's."""
        return await open_one(self.db, self.sealer, self.tenant_id, self.customer_id)


async def open_one(db: Database, sealer: Sealer, tenant_id: TenantId, customer_id: CustomerId) -> Stepping:
    """A new conversation of this customer's."""
    async with db.tenant(tenant_id) as tx:
        conversation_id = await threads.begin(tx, customer_id, Channel.WEB_CHAT)
    return Stepping(db, sealer, tenant_id, customer_id, conversation_id)


async def stepping_of(db: Database, sealer: Sealer, who: Client) -> Stepping:
    """A new conversation of somebody of the cast."""
    return await open_one(db, sealer, who.tenant_id, who.id)


async def guess(stepping: Stepping, seed: int) -> int:
    """How many of a thousand guesses are let in. Among them, somewhere after the tries that everybody has, is the code itself."""
    chance, code = random.Random(seed), (await stepping.begin()).text
    guesses = [wrong(code, chance) for _ in range(GUESSES)]
    guesses[chance.randrange(stepping_up.TRIES, GUESSES)] = code
    return sum([await stepping.check(text) for text in guesses])


def wrong(code: str, chance: random.Random | None = None) -> str:
    """Another code."""
    number = (int(code) + (chance.randrange(1, 10**6) if chance else 1)) % 10**6
    return f"{number:06}"
