"""The ways to one model: a client and a breaker for each key, over one pool of connections.

Knows HTTP clients, and so is only imported when a model is configured.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tandem.llm.account import Account
from tandem.llm.breaker import Breaker
from tandem.llm.remote import RemoteModel
from tandem.llm.specs import Spec

MOST_KEYS = 256  # of tenants at one model; a forgotten one costs a breaker's memory, a kept one 2 kB


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A model that is asked with one key, and its breaker."""

    model: RemoteModel
    breaker: Breaker


class Endpoint:
    """One provider's model at one address. `shared` is whether the provider's keys of tenants are shown there."""

    def __init__(self, model: RemoteModel, *, shared: bool, new: Callable[[], Breaker] = Breaker) -> None:
        self._new, self._shared = new, shared
        self.own = Line(model, new())
        """With the operator's key."""
        self._of_keys: OrderedDict[str, Line] = OrderedDict()

    def line(self, key: str | None) -> Line:
        """The way with this tenant's key; the operator's without one."""
        if key is None or not self._shared:
            return self.own
        if (found := self._of_keys.get(key)) is not None:
            self._of_keys.move_to_end(key)
            return found
        line = self._of_keys[key] = Line(self.own.model.with_key(key), self._new())
        if len(self._of_keys) > MOST_KEYS:
            self._of_keys.popitem(last=False)
        return line

    async def aclose(self) -> None:
        """Closes the connections, whoever's key they were asked with."""
        await self.own.model.aclose()


@dataclass(frozen=True, slots=True)
class Member:
    """An endpoint with the options that one chain gives it."""

    spec: Spec
    endpoint: Endpoint

    def line(self, account: Account | None) -> Line:
        """With the key that the account has for this provider, else with the operator's."""
        return self.endpoint.line(account.keys.get(self.spec.provider) if account is not None else None)

    async def aclose(self) -> None:
        """Closes the endpoint's connections."""
        await self.endpoint.aclose()
