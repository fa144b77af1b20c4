"""On whose account models are asked for a tenant, and what is possible just now: from its rules, what it has spent today, its own
keys, and how the models do.

    what is the matter                        what follows
    no model is configured for answers        quotation-only
    every such model fails (its breaker)      quotation-only, until a probe is answered
    the soft limit of the day's budget        models that only help are not asked
    the hard limit                            no model is asked: quotation-only
    a key of the tenant's cannot be opened    the same, rather than spend the operator's money
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from tandem.ids import TenantId
from tandem.llm import Account, Models, Role, State, account
from tandem.tenants import model_keys, modes, spending
from tandem.tenants.modes import Effective, Mode, Possible
from tandem.tenants.policy import Rules
from tandem.tenants.sealing import Sealer, Unsealable
from tandem.tenants.spending import EVERYTHING, Level, Today

log = logging.getLogger(__name__)

NO_MODEL = Possible(Mode.QUOTATION_ONLY, "No language model is configured.")
DOWN = Possible(Mode.QUOTATION_ONLY, "The language model does not answer just now; it is tried again by itself.")
SPENT = Possible(Mode.QUOTATION_ONLY, "The day's budget for language models is spent.")
SEALED = Possible(Mode.QUOTATION_ONLY, "A key of your own for language models cannot be opened; set it anew.")


@dataclass(frozen=True, slots=True)
class Opened:
    """An account to ask models on, what is possible besides, and how far the budget is used up."""

    account: Account
    possible: Possible
    level: Level
    chosen: Mode

    @property
    def mode(self) -> Effective:
        """The mode that holds."""
        return modes.effective(self.chosen, self.possible)


class Accounts:
    """Opens accounts. One in each process."""

    def __init__(self, models: Models, sealer: Sealer | None) -> None:
        self._models, self._sealer = models, sealer

    def open(self, tenant_id: TenantId, rules: Rules, spent: Today, sealed: Mapping[str, str] | None) -> Opened:
        """The account of this moment. Asks nobody."""
        level = spending.level(rules.budget, spent)
        stops = rules.mode.rank >= Mode.QUOTATION_ONLY.rank
        try:
            keys = self._keys(tenant_id, sealed)
        except Unsealable:
            log.warning("tenant %s: a key for language models cannot be opened", tenant_id)
            return Opened(Account({}, EVERYTHING), SEALED, level, rules.mode)
        mine = Account(keys, EVERYTHING if stops else spending.closed(level))
        return Opened(mine, self._possible(mine, level), level, rules.mode)

    def installed(self) -> Possible:
        """What is possible on this installation, whoever asks: a model that waits to be tried again is not up before it has answered."""
        if self._models.of(Role.DRAFT) is None:
            return NO_MODEL
        up = [one for one in self._models.states() if Role.DRAFT in one.roles and one.state is State.CLOSED]
        return modes.NOTHING_WRONG if up else DOWN

    def seen(self, opened: Opened) -> Effective:
        """The mode as people are shown it. With keys of the tenant's own, what the operator's are worth says nothing."""
        possible = opened.possible
        if possible is modes.NOTHING_WRONG and not opened.account.keys:
            possible = self.installed()
        return modes.effective(opened.chosen, possible)

    def _possible(self, mine: Account, level: Level) -> Possible:
        if self._models.of(Role.DRAFT) is None:
            return NO_MODEL
        if level is Level.HARD:
            return SPENT
        with account.on(mine):
            return modes.NOTHING_WRONG if self._models.draft_is_up else DOWN

    def _keys(self, tenant_id: TenantId, sealed: Mapping[str, str] | None) -> dict[str, str]:
        if not sealed:
            return {}
        if self._sealer is None:
            raise Unsealable
        return model_keys.opened(self._sealer, tenant_id, sealed)
