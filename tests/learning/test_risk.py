"""The threshold keeps its promise: against worlds whose truth is known, and against choosers that do not."""

from typing import Any

import numpy as np
import pytest

from bench import thresholds
from bench.thresholds import CALIBRATED, WORLDS, World
from tandem.learning import risk
from tandem.learning.risk import GRID, Judged

DRAWS = 500

ERRS = 0.05 + 2 * np.sqrt(0.05 * 0.95 / DRAWS)
"""What a promise of 95 % may be broken in 500 draws before it is more than chance (two standard errors)."""


def labelled(*groups: tuple[str, int, int, float]) -> Judged:
    """Groups of (category, labels, wrong, confidence)."""
    scores = np.concatenate([np.full(n, p) for _, n, _, p in groups])
    wrong = np.concatenate([np.arange(n) < k for _, n, k, _ in groups])
    return Judged(scores, wrong, [name for name, n, _, _ in groups for _ in range(n)])


def test_of_500_choices_at_least_95_in_100_keep_the_limit_within_5_points_of_the_best() -> None:
    kept = thresholds.simulate(CALIBRATED, 0.05, 4000, draws=DRAWS)
    assert kept.broken <= 0.05
    assert kept.none == 0
    assert kept.best - kept.handled <= 0.05


@pytest.mark.parametrize("world", WORLDS, ids=[world.name for world in WORLDS])
@pytest.mark.parametrize("limit", [0.02, 0.1])
def test_it_keeps_the_limit_whatever_the_confidence_is_worth(world: World, limit: float) -> None:
    assert thresholds.simulate(world, limit, 1500, draws=DRAWS).broken <= ERRS


def test_what_is_said_of_several_categories_holds_of_all_together() -> None:
    kept = thresholds.by_category(0.05, 3000, draws=150)
    assert kept.broken <= 0.05
    assert kept.none < 0.05, "and something is said"


def by_what_was_seen(scores: Any, wrong: Any, limit: float, doubt: float) -> int | None:
    """The planted bug: the most permissive threshold at which no more than the limit was seen wrong."""
    labels, bad = risk.counts(scores, wrong)
    found = np.flatnonzero((labels > 0) & (bad <= limit * labels))
    return int(found[-1]) if len(found) else None


def wherever_one_passes(scores: Any, wrong: Any, limit: float, doubt: float) -> int | None:
    """The planted bug: every threshold is tested, and the most permissive that passes is taken, whatever failed before."""
    labels, bad = risk.counts(scores, wrong)
    passes = np.flatnonzero((labels > 0) & (bad <= risk.allowed(len(scores), limit, doubt)[labels]))
    return int(passes[-1]) if len(passes) else None


def test_a_chooser_without_a_bound_is_caught() -> None:
    assert thresholds.simulate(CALIBRATED, 0.05, 1500, by_what_was_seen, DRAWS).broken > ERRS


def test_a_chooser_that_tests_until_one_passes_is_caught() -> None:
    flat = World("says nothing", 1.0, 1.0, slope=0.0, shift=-np.log(0.0525 / 0.9475) * 1.0)
    assert 0.05 < flat.wrong(np.array([0.5]))[0] < 0.055, "a little more than the limit is wrong everywhere"
    assert thresholds.simulate(flat, 0.05, 1500, wherever_one_passes, DRAWS).broken > ERRS
    assert thresholds.simulate(flat, 0.05, 1500, draws=DRAWS).broken <= ERRS


def test_the_bound_is_clopper_and_pearson_s() -> None:
    assert risk.upper(0, 149, 0.95) <= 0.02 < risk.upper(0, 148, 0.95)
    assert risk.fewest(0.02, 0.05) == 149
    assert risk.upper(5, 100, 0.95) == pytest.approx(0.1023, abs=1e-4)  # Clopper and Pearson 1934, one-sided
    assert (risk.upper(0, 0, 0.95), risk.upper(3, 3, 0.95)) == (1.0, 1.0)


def test_the_test_allows_what_the_bound_allows() -> None:
    may = risk.allowed(600, 0.03, 0.05)
    for n in range(1, 601, 7):
        for k in range(25):
            assert (k <= may[n]) == (risk.upper(k, n, 0.95) <= 0.03), (n, k)


@pytest.mark.parametrize(
    ("wrong", "needed"),
    [(0, 0), (1, range(1, 5000)), (3, None)],
    ids=["none wrong", "some more would do", "too many wrong ever to do"],
)
def test_it_says_when_nothing_is_supported_and_how_many_labels_would_do(wrong: int, needed: Any) -> None:
    (choice,) = risk.choose(labelled(("returns", 149, wrong, 0.9)), 0.02, 0.95)
    assert (choice.threshold is not None) == (wrong == 0)
    assert choice.needed in needed if isinstance(needed, range) else choice.needed == needed


def test_the_number_of_labels_it_names_is_enough_if_the_shares_stay() -> None:
    (choice,) = risk.choose(labelled(("returns", 200, 1, 0.9)), 0.02, 0.95)
    assert choice.needed is not None
    n = 200 + choice.needed
    (then,) = risk.choose(labelled(("returns", n, round(n * 1.5 / 201), 0.9)), 0.02, 0.95)
    assert then.threshold is not None


def test_a_category_with_few_labels_is_pooled_with_the_others() -> None:
    choices = risk.choose(
        labelled(("returns", 1500, 0, 0.9), ("orders", 200, 0, 0.8), ("repairs", 90, 0, 0.7)), 0.02, 0.95
    )
    assert [choice.categories for choice in choices] == [("returns",), ("orders", "repairs")]
    assert all(choice.sure == pytest.approx(0.975) for choice in choices), "they share the doubt"


def test_which_groups_there_are_does_not_depend_on_what_was_wrong() -> None:
    names = ["a"] * 1500 + ["b"] * 300 + ["c"] * 20
    assert risk.grouped(names, 0.02, 0.05) == [("a",), ("b", "c")]


def test_a_proposal_leaves_what_is_not_supported_as_it_is_or_gives_it_to_people() -> None:
    choices = risk.choose(labelled(("returns", 1500, 0, 0.9), ("orders", 400, 200, 0.8)), 0.02, 0.95)
    before = {"orders": 0.4, "old": 0.7}
    kept = risk.as_rules(choices, before, otherwise_people=False)
    assert (kept["orders"], kept["old"]) == (0.4, 0.7)
    assert kept["returns"] <= 0.9
    strict = risk.as_rules(choices, before, otherwise_people=True)
    assert (strict["orders"], strict["*"]) == (risk.NOTHING, risk.NOTHING)


@pytest.mark.parametrize(("limit", "sure"), [(0.0, 0.95), (1.0, 0.95), (0.02, 1.0), (0.02, 0.0)])
def test_it_refuses_a_limit_that_makes_no_sense(limit: float, sure: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        risk.choose(labelled(("returns", 10, 0, 0.9)), limit, sure)


def test_without_labels_nothing_is_chosen() -> None:
    assert risk.choose(Judged(np.zeros(0), np.zeros(0, bool), []), 0.02, 0.95) == []
    assert risk.place(np.zeros(0), np.zeros(0, bool), 0.02, 0.05) is None
    assert GRID[0] > GRID[-1] == 0
