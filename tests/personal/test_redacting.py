"""What a provider reads, and what comes back of it: whole, in pieces, and in the arguments of calls."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest

from tandem.llm import (
    Called,
    Completion,
    Finish,
    Model,
    Prompt,
    PromptMessage,
    Redacting,
    Result,
    ToolCall,
    Usage,
)
from tandem.personal import DEFAULT, Kind, Policy, Restorer, Vault

EMAIL, PHONE, CARD = "eva@mail.example", "+49 171 2345678", "4111 1111 1111 1111"
ASKED = f"I am {EMAIL}, {PHONE}, and I paid with {CARD}."


class Echo:
    """A model that says what it is told to, in the pieces it is told, and keeps what it read."""

    name = "echo:1"

    def __init__(self, pieces: Sequence[str], calls: tuple[ToolCall, ...] = ()) -> None:
        self.pieces, self.calls = pieces, calls
        self.read: list[Prompt] = []
        self.streams: list[Pieces] = []

    def stream(self, prompt: Prompt) -> "Pieces":
        self.read.append(prompt)
        self.streams.append(Pieces(self))
        return self.streams[-1]

    async def complete(self, prompt: Prompt) -> Completion:
        self.read.append(prompt)
        return Completion("".join(self.pieces), Usage(1, 1), Finish.STOP, self.name, self.calls)

    async def aclose(self) -> None:
        pass


class Pieces:
    model, usage, finish, first_token_ms = "echo:1", Usage(1, 1), Finish.STOP, 1.0

    def __init__(self, echo: Echo) -> None:
        self.calls = echo.calls
        self._left = list(echo.pieces)
        self.closed = False

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> str:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop(0)

    async def aclose(self) -> None:
        self.closed = True


def prompt(*texts: str, system: str = "Be brief.", public: bool = False) -> Prompt:
    return Prompt(system, tuple(PromptMessage("user", text) for text in texts), 100, 0.0, 5.0, public_system=public)


def all_of(read: Prompt) -> str:
    return repr(read)


def asked(echo: Echo, one: Prompt, policy: Policy | None = None) -> Completion:
    model: Model = Redacting(echo, lambda: policy or Policy())
    return asyncio.run(model.complete(one))


async def streamed(echo: Echo, one: Prompt, policy: Policy | None = None) -> str:
    return "".join([piece async for piece in Redacting(echo, lambda: policy or Policy()).stream(one)])


def test_the_provider_reads_placeholders_and_the_reply_has_the_data() -> None:
    echo = Echo(["We write to [EMAIL_1] and call [PHONE_1]."])
    said = asked(echo, prompt(ASKED))
    assert all(value not in all_of(echo.read[0]) for value in (EMAIL, PHONE, CARD))
    assert "I am [EMAIL_1], [PHONE_1], and I paid with [CARD_1]." in all_of(echo.read[0])
    assert said.text == f"We write to {EMAIL} and call {PHONE}."


def test_the_same_value_has_the_same_placeholder_and_is_known_where_nothing_marks_it() -> None:
    echo = Echo(["ok"])
    asked(echo, prompt("please call 4155550132", "was 4155550132 right?", "or call 4155550199 at noon"))
    texts = [message.text for message in echo.read[0].messages if isinstance(message, PromptMessage)]
    assert texts == ["please call [PHONE_1]", "was [PHONE_1] right?", "or call [PHONE_2] at noon"]


def test_what_needs_no_redaction_goes_out_as_it_is() -> None:
    echo = Echo(["[EMAIL_1]"])
    one = prompt("Where is order 10023456?")
    assert asked(echo, one).text == "[EMAIL_1]"
    assert echo.read == [one]


def test_off_means_off() -> None:
    echo = Echo(["x"])
    one = prompt(ASKED)
    asked(echo, one, Policy(kinds=frozenset()))
    assert echo.read == [one]


def test_only_the_kinds_of_the_policy_are_kept_back() -> None:
    echo = Echo(["x"])
    asked(echo, prompt(ASKED), Policy(kinds=frozenset([Kind.CARD])))
    assert EMAIL in all_of(echo.read[0])
    assert CARD not in all_of(echo.read[0])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
async def test_placeholders_cut_anywhere_are_put_back(size: int) -> None:
    text = "See [1]: [EMAIL_1], [PHONE_1][CARD_1] [NAME_9] [EMAIL_ [[EMAIL_1]] and [EMAIL_1"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    said = await streamed(Echo(pieces), prompt(ASKED))
    assert said == f"See [1]: {EMAIL}, {PHONE}{CARD} [NAME_9] [EMAIL_ [{EMAIL}] and [EMAIL_1"


def test_pieces_of_any_length_say_what_the_whole_says() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    vault = Vault(Policy())
    vault.learn([ASKED])
    for _ in range(500):
        parts = ["[EMAIL_1]", "[PHONE_1]", "[", "]", "[E", "EMAIL_1]", "[1]", " a ", "[CARD_12345]", "_1"]
        text = "".join(chance.choice(parts) for _ in range(12))
        restorer, said, rest = Restorer(vault), "", text
        while rest:
            size = chance.randint(1, 6)
            said += restorer.feed(rest[:size])
            rest = rest[size:]
        assert said + restorer.end() == vault.restore(text)


def test_a_reply_is_held_back_no_longer_than_a_placeholder() -> None:
    vault = Vault(Policy())
    vault.learn([ASKED])
    restorer, said = Restorer(vault), ""
    for number, character in enumerate("[not a placeholder at all, [EMAILS and so on", 1):
        said += restorer.feed(character)
        assert number - len(said) <= 16


def test_arguments_of_calls_get_the_data_even_where_replies_do_not() -> None:
    name = 'Eva "the boss" Ågren'
    call = ToolCall("1", "update", orjson.dumps({"to": "[EMAIL_1]", "for": ["[NAME_1]"], "n": 3}).decode())
    policy = Policy(frozenset([*DEFAULT, Kind.NAME]), names=(name,), restores=False)
    echo = Echo(["Done for [NAME_1] at [EMAIL_1]."], (call,))
    said = asked(echo, prompt(f"I am {name}, {EMAIL}"), policy)
    assert orjson.loads(said.calls[0].arguments) == {"to": EMAIL, "for": [name], "n": 3}
    assert said.text == "Done for [name] at [e-mail address]."


def test_calls_and_results_of_the_conversation_are_redacted_and_stay_json() -> None:
    call = ToolCall("1", "find", orjson.dumps({"phone": 4155550132, "note": f"mail {EMAIL}"}).decode())
    result = Result("1", "find", orjson.dumps({"card": CARD, "email": EMAIL, "total": 12.5}).decode(), False)
    one = replace(
        prompt("call me: 4155550132"),
        messages=(PromptMessage("user", "call me: 4155550132"), Called("", (call,)), result),
    )
    echo = Echo(["x"])
    asked(echo, one)
    assert all(value not in all_of(echo.read[0]) for value in (EMAIL, CARD, "4155550132"))
    sent, came = echo.read[0].messages[1:]
    assert isinstance(sent, Called)
    assert isinstance(came, Result)
    assert orjson.loads(sent.calls[0].arguments) == {"phone": "[PHONE_1]", "note": "mail [EMAIL_1]"}
    assert orjson.loads(came.content)["total"] == 12.5


def test_published_words_are_nobodys_secret() -> None:
    system = "Write to help@shop.example or +49 30 1234567."
    echo = Echo(["x"])
    asked(echo, prompt(f"is it help@shop.example? mine is {EMAIL}", system=system, public=True))
    assert echo.read[0].system.startswith(system)
    assert "is it help@shop.example? mine is [EMAIL_1]" in all_of(echo.read[0])


def test_records_in_the_system_text_are_redacted() -> None:
    echo = Echo(["x"])
    asked(echo, prompt("hi", system=f"<records>{EMAIL}</records>"))
    assert EMAIL not in all_of(echo.read[0])


def test_a_placeholder_that_the_customer_wrote_comes_to_mean_nothing() -> None:
    echo = Echo(["[EMAIL_1] [EMAIL_2]"])
    said = asked(echo, prompt(f"[EMAIL_1] says what? I am {EMAIL}"))
    assert said.text == f"[EMAIL_1] {EMAIL}"


async def test_stopping_early_closes_the_provider() -> None:
    echo = Echo(["a", "b"])
    stream = Redacting(echo, Policy).stream(prompt(ASKED))
    assert await stream.__anext__() == "a"
    await stream.aclose()
    assert echo.streams[0].closed


def test_every_prompt_has_a_vault_of_its_own() -> None:
    echo = Echo(["[EMAIL_1]"])
    assert asked(echo, prompt("I am one@mail.example")).text == "one@mail.example"
    assert asked(echo, prompt("I am two@mail.example")).text == "two@mail.example"
