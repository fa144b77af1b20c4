"""Step 4: what our own records say. By intent alone: the text chooses nothing and names nobody."""

from dataclasses import replace

from tandem.answering.turn import Kit, Turn
from tandem.tickets.lookups import TICKET_STATUS

LOOK_UPS = {"ticket_update": TICKET_STATUS}
"""Which look-up answers which intent."""


async def look_up(turn: Turn, kit: Kit) -> Turn:
    """Do the look-ups that the asserted intents call for."""
    wanted = [LOOK_UPS[name] for name in turn.heard.asserted if name in LOOK_UPS]
    return replace(turn, acts=tuple([await kit.look_up(turn.asked, name) for name in wanted]))
