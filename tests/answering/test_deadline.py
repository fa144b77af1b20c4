"""However many models a turn waits for, it waits for all of them together."""

from tandem.answering import deadline
from tandem.llm import Completion, Finish, Prompt, PromptMessage, Stream, Usage


class Heard:
    """A model that notes how long it may be waited for."""

    name = "heard"

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def stream(self, prompt: Prompt) -> Stream:
        self.seconds.append(prompt.timeout_s)
        raise AssertionError("nothing is streamed here")

    async def complete(self, prompt: Prompt) -> Completion:
        self.seconds.append(prompt.timeout_s)
        return Completion("", Usage(), Finish.STOP, self.name)

    async def aclose(self) -> None:
        self.seconds.append(0.0)


def prompt(seconds: float) -> Prompt:
    return Prompt("", (PromptMessage("user", "Hi"),), 10, 0.0, seconds)


async def test_what_a_turn_has_left_bounds_every_call() -> None:
    model = Heard()
    bounded = deadline.Bounded(model)
    with deadline.begun(3.0):
        await bounded.complete(prompt(1.0))
        await bounded.complete(prompt(60.0))
    with deadline.begun(0.5):
        await bounded.complete(prompt(60.0))
    short, most, late = model.seconds
    assert short == 1.0
    assert most <= 3.0 - deadline.WITHOUT_S
    assert late == deadline.LEAST_S


async def test_outside_of_a_turn_nothing_is_shortened() -> None:
    model = Heard()
    await deadline.Bounded(model).complete(prompt(60.0))
    assert model.seconds == [60.0]
    assert deadline.left(2.0) == 2.0


def test_a_turn_keeps_time_for_an_answer_without_any_model() -> None:
    with deadline.begun():
        assert deadline.left(60.0) <= deadline.TURN_S - deadline.WITHOUT_S
