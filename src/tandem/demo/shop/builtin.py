"""The demo shop as a handler that is built into Tandem: `demo_shop/refund_order` goes to the shop's own server on loopback.

The address is fixed here, so that an action of the demo reaches this one server and nothing else on the machine; its port and
secret are read when it is asked, because both may change from start to start.
"""

import base64
from dataclasses import replace
from pathlib import Path

from tandem.actions.handlers import http
from tandem.actions.handlers.outcome import Order, Outcome
from tandem.demo.shop import place
from tandem.outgoing import Client, read_allowed

NAME = "demo_shop"


class DemoShop:
    """Asks the shop whose place is written down in this data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def __call__(self, order: Order) -> Outcome:
        """As the HTTP handler does; while no shop is open, nobody is reached."""
        shop = place.load(self._data_dir)
        if shop is None:
            return Outcome("unreached", None, "The demo shop has not been opened.")
        path = order.url.partition("/")[2]
        secret = base64.b64decode(shop.secret.removeprefix("whsec_"))
        async with Client(read_allowed(place.HOST)) as client:
            return await http.call(client, replace(order, url=f"{shop.url}/{path}", secrets=(secret,)))
