"""The effective mode is the worse of choice and finding, and its consequences follow from the right one of the two."""

import itertools

import pytest

from tandem.tenants import modes
from tandem.tenants.modes import CHOSEN, Mode, Possible


@pytest.mark.parametrize(("chosen", "found"), list(itertools.product(Mode, Mode)))
def test_the_worse_of_the_two_holds_and_says_why(chosen: Mode, found: Mode) -> None:
    holds = modes.effective(chosen, Possible(found, "The machine says so."))
    worst = max(chosen, found, key=list(Mode).index)
    assert (holds.mode, holds.chosen) == (worst, chosen)
    if worst is Mode.FULL:
        assert holds.why == ""
    else:
        assert holds.why == (CHOSEN if worst is chosen else "The machine says so.")


def test_what_each_allows() -> None:
    held = {mode: modes.effective(mode) for mode in Mode}
    assert [mode for mode, holds in held.items() if holds.makes_changes] == [Mode.FULL]
    assert [mode for mode, holds in held.items() if holds.asks_model] == [Mode.FULL, Mode.NO_ACTIONS]
    assert [mode for mode, holds in held.items() if holds.is_peoples] == [Mode.PEOPLE_ONLY, Mode.TAKE_A_MESSAGE]
    assert [mode for mode, holds in held.items() if not holds.note] == [Mode.FULL]


def test_without_a_model_workflows_still_make_changes_and_an_admins_choice_stands_against_them() -> None:
    by_itself = Possible(Mode.QUOTATION_ONLY, "The language model does not answer.")
    assert modes.effective(Mode.FULL, by_itself).makes_changes
    assert not modes.effective(Mode.FULL, by_itself).asks_model
    assert not modes.effective(Mode.NO_ACTIONS, by_itself).makes_changes
    assert not modes.effective(Mode.QUOTATION_ONLY).makes_changes
