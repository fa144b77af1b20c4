"""Which personal data is kept from the models' provider: by the rules of the tenant whose turn it is, and by default elsewhere.

Every model is wrapped where the kit is put together, so that no prompt can be forgotten; what holds is set by who works on a turn.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tandem.llm import Model, Redacting
from tandem.personal import Policy
from tandem.tenants.policy import Rules

_IN_FORCE: ContextVar[Policy | None] = ContextVar("tandem_personal_data", default=None)


def kept_from(model: Model) -> Model:
    """The model, reading what the policy in force lets it read."""
    return Redacting(model, lambda: _IN_FORCE.get() or Policy())


@contextmanager
def under(rules: Rules, names: Iterable[str | None] = (), emails: Iterable[str | None] = ()) -> Iterator[None]:
    """The tenant's rules hold within; `names` and `emails` are the customer's own, from their record."""
    policy = Policy(
        frozenset(rules.redact_before_provider),
        names=tuple(filter(None, names)),
        emails=tuple(filter(None, emails)),
        restores=rules.restore_in_replies,
    )
    token = _IN_FORCE.set(policy)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)
