"""The connections to one model's address, shared by everybody who asks it. Knows aiohttp and nothing of models."""

import aiohttp

CONNECT_S = 3.0  # a provider's address that takes longer is down
CONNECTIONS = 4_096  # 2,000 answers at once is the budget; twice that is a fault elsewhere
IDLE_S = 30.0  # providers close idle connections after a minute or more


class Pool:
    """Connections that are made when they are needed, and kept for a while."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def session(self) -> aiohttp.ClientSession:
        """Made on the first request, because a pool belongs to the running loop. Ignores proxy variables."""
        if self._closed:
            raise RuntimeError(f"{self._name} was closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_S),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    async def aclose(self) -> None:
        """Closes them; nobody can ask afterwards."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
