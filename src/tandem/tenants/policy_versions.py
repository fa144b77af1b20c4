"""The history of the tenant's rules: who changed what and when, and an old version put in force again as a new one.

Versions are never changed or removed: every turn names the one that it was decided under.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.db import Queries, Tx
from tandem.errors import NotFound
from tandem.tenants import policy
from tandem.tenants.policy import Policy, Rules, StoredPolicy

Q = Queries("tandem.tenants")


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it was saved."""

    version: int
    body: dict[str, Any]
    author: str
    created_at: datetime

    @property
    def rules(self) -> Rules:
        """Its rules; what an older Tandem did not know has its default."""
        return policy.stored(StoredPolicy(self.version, self.body)).rules


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that differs: where it stands, as `thresholds.answer`, and what it was and is. None: it was not there."""

    field: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"field": self.field, "before": self.before, "after": self.after}


async def page(tx: Tx, before: int | None, most: int) -> list[Version]:
    """The versions, newest first, below `before`."""
    return await tx.all(Q.policy_versions, Version, before=before, most=most)


async def get(tx: Tx, version: int) -> Version:
    """One version. Raises NotFound."""
    found = await tx.maybe(Q.policy_version, Version, version=version)
    if found is None:
        raise NotFound("There is no such version of the rules.")
    return found


async def restore(tx: Tx, version: int, author: str) -> Policy:
    """The rules of an old version as a new one. Raises NotFound, and Conflict when somebody else was faster."""
    rules = (await get(tx, version)).rules
    return await policy.save(tx, await policy.get(tx), rules, author)


def diff(before: Rules, after: Rules) -> list[Change]:
    """Every rule that differs, in the order in which the rules stand."""
    return list(_differences("", before.model_dump(mode="json"), after.model_dump(mode="json")))


def _differences(where: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _differences(f"{where}.{name}" if where else name, before.get(name), after.get(name))
    elif before != after:
        yield Change(where, before, after)
