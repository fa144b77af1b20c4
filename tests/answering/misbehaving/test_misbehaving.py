"""A model that misbehaves in every way we know: nothing unproven leaves, nobody's turn is lost, every turn ends in time.

On both wires. What is random starts from a fixed seed, which is printed: looking for what is new is the soak's, `python -m bench.soak
--kind misbehaving`, with every behaviour as often as any other.
"""

from tandem.llm.stub import Behaviour
from tests.answering.misbehaving import oracle, talking
from tests.answering.misbehaving.talking import FAILING, MIXED
from tests.web.site import Site

SEED = 6
TURNS = 100
"""With each on either wire: 200 in all."""

BEHAVIOURS = (
    Behaviour.SLOW_FIRST_TOKEN, Behaviour.SLOW_DRIP, Behaviour.HANG, Behaviour.CUT_OFF, Behaviour.SERVER_ERROR, Behaviour.INVALID_JSON,
    Behaviour.ENDLESS, Behaviour.REPEATS, Behaviour.WRONG_CITATIONS, Behaviour.INVENTED_FACTS, Behaviour.CHANGED_NUMBER,
    Behaviour.DROPPED_NOT, Behaviour.OTHER_LANGUAGE, Behaviour.OBEYS_DOCUMENT, "previous_question",
)  # fmt: skip
"""What the issue names. All others, of the stub and of `lies`, come in turn in the mixed conversations."""


def test_nothing_unproven_leaves_and_nobodys_turn_is_lost(talking_site: Site) -> None:
    with talking.staged(talking_site, SEED) as talk:
        talk.run({**talking.shares(BEHAVIOURS, TURNS), MIXED: TURNS})
        found = oracle.verdict(talk)
    print(f"seed {SEED}: {found.summary()}")
    assert not found.findings, "\n".join([f"seed {SEED}", *found.findings])
    assert all(len(talk.met[name]) >= TURNS for name in BEHAVIOURS), "every one of these turns met its behaviour"
    assert len(talk.asked) > len(talking.NAMES) / 2, "the mixed ones are of many kinds"
    assert found.by["model"] > found.turns / 20, "what is true still gets out"


def test_with_three_in_ten_requests_failing_everybody_gets_an_answer_or_a_place_in_the_queue(
    talking_site: Site,
) -> None:
    with talking.staged(talking_site, SEED, breaker=True) as talk:
        talk.run({FAILING: TURNS // 2})
        found = oracle.verdict(talk)
    print(f"seed {SEED}: {found.summary()}")
    assert not found.findings, "\n".join([f"seed {SEED}", *found.findings])
    assert found.by["model"] > 0
    assert found.by["quotation"] > 0
