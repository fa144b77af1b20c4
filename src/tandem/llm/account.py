"""On whose behalf models are asked during a piece of work: which keys, what may be asked, and what it took.

    with account.on(Account(keys={"openai": "sk-…"}, closed=frozenset({Role.JUDGE}))) as mine:
        ...                     # whoever is asked in here, by whatever code
    mine.calls                  # one `Spent` for each call that a provider was sent

Knows no tenants, no budgets and no database: whoever opens an account decides, and keeps what it says afterwards.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from tandem.llm.roles import Role

OK = "ok"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Spent:
    """One call to one provider. Holds no word of a prompt or an answer.

    `outcome` is "ok", "stopped" (we closed it early) or a Failure's value. Tokens are as the provider counted them; with
    `estimated` at least one of the two is characters / 4, because it did not say or was stopped. `cost_micros` is in
    millionths of a US dollar, and None where the model has no price. Times are milliseconds, `at` is the call's begin.
    """

    role: Role
    model: str
    input_tokens: int | None
    output_tokens: int | None
    estimated: bool
    cost_micros: int | None
    ms: int
    first_token_ms: int | None
    outcome: str
    at: datetime


@dataclass(slots=True, repr=False)
class Account:
    """Whose keys are used, which roles may not be asked now, and the calls so far.

    `keys` are by provider (`openai`, `anthropic`, `google`, `bedrock`) and take the place of the operator's, except at
    addresses that a model has of its own: a key is shown to nobody but its provider. Asking a role in `closed` fails at
    once, with Failure.OVER_BUDGET.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    closed: frozenset[Role] = frozenset()
    calls: list[Spent] = field(default_factory=list)


_CURRENT: ContextVar[Account | None] = ContextVar("tandem_llm_account", default=None)


@contextmanager
def on(account: Account) -> Iterator[Account]:
    """Within, and in the tasks begun within, models are asked on this account."""
    token = _CURRENT.set(account)
    try:
        yield account
    finally:
        _CURRENT.reset(token)


def current() -> Account | None:
    """The account that models are asked on here; None where nobody opened one."""
    return _CURRENT.get()
