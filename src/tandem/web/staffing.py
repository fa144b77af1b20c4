"""After something that may have made room or brought work: give out what waits, at once and not only by the worker's clock."""

import logging
from contextlib import suppress

from tandem.db import Down
from tandem.hot import online
from tandem.ids import TenantId
from tandem.tickets import assigning
from tandem.web.parts import Parts

log = logging.getLogger(__name__)


async def give_out(parts: Parts, tenant_id: TenantId) -> None:
    """Give the tenant's waiting tickets to who is there. What cannot be done now the worker does two seconds later."""
    present = online(await parts.hot.presence.states(tenant_id))
    with suppress(Down):
        await assigning.give_out(parts.db, parts.hub, tenant_id, present)
