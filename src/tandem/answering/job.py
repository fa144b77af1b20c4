"""A turn to work on, as it is passed from whoever opened it to whoever thinks and writes."""

from dataclasses import dataclass

from tandem.answering.tools import Standing
from tandem.conversations.turns import TurnRow
from tandem.ids import TenantId
from tandem.tenants.spending import Purpose


@dataclass(frozen=True, slots=True)
class Job:
    """A turn to work on. `standing` is what held a moment ago, where somebody has just looked."""

    tenant_id: TenantId
    row: TurnRow
    standing: Standing | None = None

    @property
    def purpose(self) -> Purpose:
        """What models are asked for."""
        return Purpose(self.row.id, self.row.conversation_id, self.row.ticket_id)
