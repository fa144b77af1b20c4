"""Reliability and fitting: figures that can be checked by hand, alarms that keep their rate, and fits that know their limits."""

import numpy as np
import pytest

from tandem.answering import score
from tandem.answering.score import NAMES, SHIPPED, Scoring
from tandem.learning import fitting, reliability
from tandem.learning.fitting import Floats, Outcome

SEED = 20261120


def draws(n: int, shift: float = 0.0, seed: int = SEED) -> tuple[Floats, Floats]:
    """Confidences, and whether each was right when they are off by `shift` log-odds."""
    rng = np.random.default_rng(seed)
    p = np.clip(rng.beta(5, 1, n), 0.01, 0.99)
    odds = p / (1 - p) * np.exp(shift)
    return p, (rng.random(n) < odds / (1 + odds)).astype(float)


# --- believed ---


def test_the_error_is_the_mean_distance_of_the_bins() -> None:
    p, right = np.repeat([0.6, 0.9], 50), np.array([*[1] * 30, *[0] * 20, *[1] * 30, *[0] * 20], float)
    assert reliability.expected_error(p, right) == pytest.approx(0.5 * 0.0 + 0.5 * 0.3)


def test_each_bin_holds_as_many_and_its_interval_holds_the_truth() -> None:
    p, right = draws(2000)
    found = reliability.read(p, right)
    assert len(found.bins) == reliability.BINS
    assert max(b.answers for b in found.bins) - min(b.answers for b in found.bins) <= 2
    assert sum(b.least <= b.said <= b.most for b in found.bins) >= 8, "95 % of ten"
    least, error, most = found.ece_least or 0.0, found.ece or 0.0, found.ece_most or 1.0
    assert 0 < least <= error <= most < 0.05


def test_a_confidence_that_promises_too_much_is_seen() -> None:
    p, right = draws(2000, shift=-1.0)
    found = reliability.read(p, right)
    assert (found.ece_least or 0.0) > 0.05
    assert all(b.right < b.said for b in found.bins)


def test_too_few_answers_are_not_drawn() -> None:
    found = reliability.read(*draws(29))
    assert (found.answers, found.ece, found.bins) == (29, None, ())


@pytest.mark.parametrize(("k", "n"), [(0, 0), (0, 20), (20, 20), (7, 20)])
def test_an_interval_holds_its_share(k: int, n: int) -> None:
    least, most = reliability.interval(k, n)
    assert 0 <= least <= (k / n if n else 0.5) <= most <= 1


# --- alarms ---


def test_by_chance_the_alarm_comes_no_more_often_than_it_says() -> None:
    """Within t answers the chance of an alarm is at most t / RUN; two standard errors are granted."""
    trials, within = 200, 200
    alarms = 0
    for trial in range(trials):
        p, right = draws(within, seed=SEED + trial)
        alarms += reliability.drift(p.tolist(), (right > 0.5).tolist()).state != "steady"
    most = within / reliability.RUN
    assert alarms / trials <= most + 2 * np.sqrt(most * (1 - most) / trials)


@pytest.mark.parametrize(("shift", "state"), [(-1.2, "too_sure"), (1.5, "too_modest")])
def test_a_confidence_that_goes_off_is_noticed_and_when_it_began(shift: float, state: str) -> None:
    before, after = draws(300), draws(400, shift, SEED + 1)
    p, right = np.concatenate([before[0], after[0]]), np.concatenate([before[1], after[1]])
    found = reliability.drift(p.tolist(), (right > 0.5).tolist())
    assert found.state == state
    assert found.since is not None
    assert 300 <= found.since <= 500


def test_stability_alarms_for_a_moved_crowd_and_hardly_ever_by_chance() -> None:
    rng = np.random.default_rng(SEED)
    alarms = sum(reliability.stability(rng.beta(5, 1, 300), rng.beta(5, 1, 900)).moved for _ in range(300))
    assert alarms <= 2, "one in a thousand is promised"
    assert reliability.stability(rng.beta(2, 1, 300), rng.beta(5, 1, 900)).moved
    assert reliability.stability(rng.beta(3, 1, 20), rng.beta(5, 1, 900)).index is None


# --- fitted ---


def outcomes(
    n: int, bias: float, weights: dict[str, float], source: str = fitting.DRAWN, seed: int = SEED
) -> list[Outcome]:
    """Answers whose truth is this scoring's."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        parts = {
            "retrieval": rng.normal(3, 1.5),
            "meaning": rng.normal(0.6, 0.15),
            "wording": rng.random(),
            "frustration": rng.random(),
        }
        z = bias + sum(weights.get(name, 0.0) * value for name, value in parts.items())
        made.append(Outcome(parts, bool(rng.random() < score.logistic(z)), source))
    return made


TRUTH = {"retrieval": 0.8, "meaning": 3.0, "frustration": -2.5}


def test_without_outcomes_it_says_how_many_are_lacking() -> None:
    assert "0 of 50 outcomes" in fitting.lacking([])
    assert "4 wrong" in fitting.lacking([Outcome({}, n >= 4, "review") for n in range(90)])
    assert fitting.lacking([Outcome({}, n >= 5, "review") for n in range(90)]) == ""


def test_few_outcomes_move_the_weights_little_and_many_to_the_truth() -> None:
    few, many = (fitting.map_fit(outcomes(n, -2.5, TRUTH)) for n in (40, 20000))
    far = abs(SHIPPED.weights["frustration"] - TRUTH["frustration"])
    assert abs(few.weights["frustration"] - SHIPPED.weights["frustration"]) < 0.7 * far
    assert many.weights["frustration"] == pytest.approx(TRUTH["frustration"], abs=0.3)
    assert many.weights["retrieval"] == pytest.approx(TRUTH["retrieval"], abs=0.1)


def test_a_fit_that_is_better_out_of_fold_is_promoted_and_knows_what_it_gains() -> None:
    found = fitting.fit(outcomes(600, -2.5, TRUTH), SHIPPED, 1)
    assert found.better
    assert found.loss < found.before
    assert found.gain == pytest.approx(found.before - found.loss)


def test_a_fit_to_noise_is_not_promoted() -> None:
    rng = np.random.default_rng(SEED)
    shipped = [
        Outcome(o.parts, bool(rng.random() < score.probability(o.parts, SHIPPED)), o.source)
        for o in outcomes(400, 0, {})
    ]
    assert not fitting.fit(shipped, SHIPPED, 1).better, "what is shipped is the truth here: nothing can be better"


def test_labels_that_somebody_chose_do_not_say_how_often_it_is_wrong() -> None:
    drawn = outcomes(400, -2.5, TRUTH)
    angry = [Outcome(o.parts, False, "thumbs") for o in outcomes(200, -2.5, TRUTH, seed=SEED + 1)]
    alone, both = fitting.map_fit(drawn), fitting.map_fit([*drawn, *angry])
    same = [score.probability(o.parts, alone) - score.probability(o.parts, both) for o in drawn]
    assert abs(float(np.mean(same))) < 0.02
    as_drawn = fitting.map_fit([*drawn, *(Outcome(o.parts, False, fitting.DRAWN) for o in angry)])
    naive = [score.probability(o.parts, alone) - score.probability(o.parts, as_drawn) for o in drawn]
    assert float(np.mean(naive)) > 0.1, "taken for drawn they would"


def test_a_curve_comes_only_with_a_thousand_outcomes_and_keeps_the_order() -> None:
    rng = np.random.default_rng(SEED)
    odd = []
    for o in outcomes(3000, 0, {}):
        p = score.probability(o.parts, SHIPPED)
        odd.append(Outcome(o.parts, bool(rng.random() < (0.9 if p > 0.8 else 0.3 if p > 0.5 else 0.25)), o.source))
    found = fitting.fit(odd, SHIPPED, 1)
    assert found.calibration == "isotonic"
    ys = [y for _, y in found.scoring.curve]
    assert ys == sorted(ys)
    assert all(0 < y < 1 for y in ys)
    assert fitting.fit(odd[:900], SHIPPED, 1).calibration != "isotonic"


def test_every_part_has_a_typical_deviation_and_a_shipped_weight() -> None:
    assert set(fitting.TYPICAL) == set(NAMES) == set(SHIPPED.weights)
    assert isinstance(SHIPPED, Scoring)
