"""The conversation as a state machine: its table is whole, and a random walk with everybody in it breaks nothing."""

import random

from tandem.tickets import machine
from tandem.tickets.machine import State, Step
from tests.cast import Cast
from tests.ground import Place
from tests.tickets.walking import walk

STEPS = 250


def test_every_step_and_every_state_is_in_the_table() -> None:
    assert set(machine.TRANSITIONS) == set(Step)
    assert {after for ways in machine.TRANSITIONS.values() for after in ways.values()} == set(State)
    assert set(machine.CONVERSATION) == set(State)
    assert set(machine.WRITES) == set(Step) - {Step.TURN_TO_OTHER}


def test_from_every_state_a_person_can_be_reached_and_an_end() -> None:
    for goal in (State.WITH_PERSON, State.CLOSED):
        reached = {goal}
        while more := {
            before
            for ways in machine.TRANSITIONS.values()
            for before, after in ways.items()
            if after in reached and before not in reached
        }:
            reached |= more
        assert reached == set(State)


def test_only_the_assistants_states_let_it_speak() -> None:
    speaking = {state for state, status in machine.CONVERSATION.items() if status == "ai"}
    assert speaking == {State.ASSISTANT, State.HELPED, State.ASSISTED}


async def test_a_random_walk_breaks_nothing(place: Place, cast: Cast) -> None:
    """The long one: `python -m tests.tickets.walking --steps 100000`."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}; repeat: python -m tests.tickets.walking --steps {STEPS} --seed {seed}")
    world = await walk(place, cast, seed, STEPS)
    assert len(world.done) > 12, "hardly anything happened"


async def test_every_step_of_a_walk_is_done_or_refused(place: Place, cast: Cast) -> None:
    """Nothing else can come of one: an error that is no refusal ends the walk."""
    world = await walk(place, cast, 1, 40)
    assert sum(world.done.values()) + sum(world.refused.values()) == 40
