"""Who carries an action out: the tenant's own HTTP service, a tool of an MCP server, or something built into Tandem.

Each handler turns an Order into an Outcome and never raises for what the other side does. To add a kind, copy `http.py`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tandem.actions.definition import Definition
from tandem.actions.handlers import http, mcp
from tandem.actions.handlers.outcome import Order, Outcome
from tandem.outgoing import Allowed, Client

__all__ = ["Builtin", "Handlers", "Order", "Outcome"]

Builtin = Callable[[Order], Awaitable[Outcome]]


@dataclass
class Handlers:
    """Every kind of handler, over one guarded client that is opened with the first request."""

    allowed: Allowed
    builtins: Mapping[str, Builtin]
    _client: Client | None = None

    async def call(self, definition: Definition, order: Order) -> Outcome:
        """Do it. `order.url` is the handler's unless something else is asked of it: a quote, the state, the way back."""
        handler = definition.handler
        assert handler is not None, "an escalation has no handler"
        if handler.kind == "builtin":
            name = order.url.partition("/")[0]
            known = self.builtins.get(name)
            return await known(order) if known else Outcome.failed(f"Nothing called {name} is built in.")
        is_own = order.url == handler.url
        if handler.kind == "mcp" and is_own:
            return await mcp.call(await self._opened(), handler.url, handler.tool or definition.name, order)
        return await http.call(await self._opened(), order, handler.request if is_own else None)

    async def client(self) -> Client:
        """The guarded client, for imports."""
        return await self._opened()

    async def close(self) -> None:
        """Gives the connections back."""
        if self._client is not None:
            await self._client.__aexit__(None, None, None)
            self._client = None

    async def _opened(self) -> Client:
        if self._client is None:
            self._client = await Client(self.allowed).__aenter__()  # which waits for nothing
        return self._client
