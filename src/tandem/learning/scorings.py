"""A tenant's own weights of the confidence: fitted in the worker, version by version, never in force when worse.

A fit is tried once there are enough outcomes, and again when they have grown by a fifth. It is put in force when it loses
less than what is in force, on outcomes that each fold has not seen, by more than the standard error of the difference.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.answering import score
from tandem.answering.score import Scoring
from tandem.db import Database, Jsonb, Queries, Tx
from tandem.embedding import Embedder
from tandem.errors import Conflict
from tandem.ids import TenantId
from tandem.learning import fitting, outcomes

Q = Queries("tandem.learning")

GROWN = 1.2
"""So many times the outcomes of the last fit make another one worth while."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A fit as it is stored. `status`: in_force, replaced or refused."""

    version: int
    status: str
    body: dict[str, Any]
    report: dict[str, Any]
    outcomes: int
    fitted_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        shown = {"version": self.version, "status": self.status, "outcomes": self.outcomes, "fitted_at": self.fitted_at}
        return {**shown, "report": self.report}


async def page(tx: Tx) -> list[Stored]:
    """The newest fits, newest first."""
    return await tx.all(Q.scorings, Stored)


def in_force(fits: list[Stored]) -> Scoring:
    """What turns are decided by: the fit in force, or what is shipped."""
    found = next((each for each in fits if each.status == "in_force"), None)
    return score.stored(found.version, found.body) if found else score.SHIPPED


async def roll_back(tx: Tx) -> None:
    """The version before the one in force holds again: an older one's, or what is shipped. Raises Conflict without one."""
    fits = await page(tx)
    now = next((each for each in fits if each.status == "in_force"), None)
    if now is None:
        raise Conflict("The weights that are shipped are in force; there is nothing to go back from.")
    before = next((each for each in fits if each.status == "replaced" and each.version < now.version), None)
    await tx.run(Q.replace_scoring)
    if before is not None:
        await tx.run(Q.revive_scoring, version=before.version)


async def fit_again(db: Database, embedder: Embedder, tenant_id: TenantId) -> int:
    """Fit to the outcomes there are, when there is enough and enough is new; how many it was fitted to."""
    async with db.reading(tenant_id) as tx:
        fits, labels = await page(tx), await outcomes.labelled(tx)
    usable = outcomes.for_fitting(labels)
    if fitting.lacking(usable) or (fits and len(usable) < GROWN * fits[0].outcomes):
        return 0
    version = fits[0].version + 1 if fits else 1
    found = await asyncio.to_thread(fitting.fit, usable, in_force(fits), version)
    async with db.tenant(tenant_id) as tx:
        if found.better:
            await tx.run(Q.replace_scoring)
        await tx.run(
            Q.add_scoring,
            version=version,
            status="in_force" if found.better else "refused",
            body=Jsonb(found.scoring.as_json()),
            report=Jsonb(found.as_json()),
            outcomes=len(usable),
        )
    return len(usable)
