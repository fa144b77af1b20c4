"""Every way a provider can fail, through every wire, streamed and whole: the kind, and that no text leaks."""

import asyncio
import traceback
from collections.abc import Callable

import pytest

from tandem.llm import Failure, Model, ModelFailed, Prompt, Stream
from tandem.llm.stub import Behaviour, Stub
from tests.llm.conftest import ANSWER, PROVIDERS, QUESTION
from tests.models import model_at

Ask = Callable[..., Prompt]

STREAMED = {
    Behaviour.RATE_LIMITED: Failure.RATE_LIMITED,
    Behaviour.SERVER_ERROR: Failure.OVERLOADED,
    Behaviour.OVERLOADED: Failure.OVERLOADED,
    Behaviour.REFUSED: Failure.REFUSED,
    Behaviour.GARBAGE: Failure.BROKEN,
    Behaviour.INVALID_JSON: Failure.BROKEN,
    Behaviour.CUT_OFF: Failure.CUT_OFF,
    Behaviour.DROPPED: Failure.CUT_OFF,
    Behaviour.FAILS_MIDWAY: Failure.OVERLOADED,
    Behaviour.HANG: Failure.TIMED_OUT,
    Behaviour.SLOW_FIRST_TOKEN: Failure.TIMED_OUT,
    Behaviour.SLOW_DRIP: Failure.TIMED_OUT,
    Behaviour.ENDLESS: Failure.TOO_LONG,
    Behaviour.FLOOD: Failure.TOO_LONG,
    Behaviour.RESET: Failure.UNREACHABLE,
    Behaviour.HANGS_MIDWAY: Failure.TIMED_OUT,
}
SECRETS = ("30 days", "Answer from the passages", "key-1234", "Within how many")


@pytest.mark.parametrize("behaviour", STREAMED)
async def test_a_failing_stream_says_how(model: Model, stub: Stub, ask: Ask, behaviour: Behaviour) -> None:
    stub.behave(behaviour)
    with pytest.raises(ModelFailed) as failure:
        [piece async for piece in model.stream(ask(**_short(behaviour, first_token_s=0.4, gap_s=0.3)))]
    assert failure.value.kind is STREAMED[behaviour]
    _tells_nothing(failure.value)


@pytest.mark.parametrize("behaviour", STREAMED)
async def test_a_failing_completion_says_how(model: Model, stub: Stub, ask: Ask, behaviour: Behaviour) -> None:
    stub.behave(behaviour)
    with pytest.raises(ModelFailed) as failure:
        await model.complete(ask(**_short(behaviour, timeout_s=0.5)))
    assert failure.value.kind is STREAMED[behaviour]
    _tells_nothing(failure.value)


def _short(behaviour: Behaviour, **limits: float) -> dict[str, float]:
    """These limits for a provider who is silent; whoever says something may take the time a busy machine takes."""
    return limits if STREAMED[behaviour] is Failure.TIMED_OUT else {}


async def _read_into(heard: list[str], stream: Stream) -> None:
    async for piece in stream:
        heard.append(piece)


def _tells_nothing(problem: BaseException) -> None:
    """No text of prompt or reply, and no key, in the error, its causes or its traceback."""
    shown = "".join(traceback.format_exception(problem))
    while problem := problem.__cause__ or problem.__context__:  # type: ignore[assignment]
        shown += repr(problem) + repr(vars(problem))
    assert "ModelFailed" in shown
    assert not [secret for secret in SECRETS if secret in shown]


async def test_what_came_before_a_cut_stays(model: Model, stub: Stub, ask: Ask) -> None:
    stub.pace = type(stub.pace)(tokens_per_s=200)
    stub.behave(Behaviour.CUT_OFF)
    heard: list[str] = []
    with pytest.raises(ModelFailed):
        await _read_into(heard, model.stream(ask()))
    assert heard
    assert ANSWER.startswith("".join(heard))


async def test_a_rate_limit_says_how_long_to_wait(model: Model, stub: Stub, ask: Ask) -> None:
    stub.behave(Behaviour.RATE_LIMITED)
    with pytest.raises(ModelFailed) as failure:
        await model.complete(ask())
    assert failure.value.retry_after == 7
    codes = {"google": "resource_exhausted", "bedrock": "throttling_exception"}
    assert failure.value.provider_code == codes.get(model.name.partition(":")[0], "rate_limit_error")


async def test_a_refusal_tells_the_operator_what_to_check(model: Model, stub: Stub, ask: Ask) -> None:
    stub.behave(Behaviour.REFUSED)
    with pytest.raises(ModelFailed, match=r"tiny-1: 127\.0\.0\.1 refused the request \(40[013]\)\. Check its key"):
        await model.complete(ask())


async def test_a_failure_is_not_tried_again(model: Model, stub: Stub, ask: Ask) -> None:
    stub.behave(Behaviour.SERVER_ERROR)
    with pytest.raises(ModelFailed):
        await model.complete(ask())
    assert len(stub.requests) == 1


async def test_an_endless_answer_is_stopped_within_its_measure(model: Model, stub: Stub, ask: Ask) -> None:
    stub.behave(Behaviour.ENDLESS)
    heard: list[str] = []
    with pytest.raises(ModelFailed):
        await _read_into(heard, model.stream(ask(max_tokens=100)))
    assert len("".join(heard)) <= 100 * 8
    async with asyncio.timeout(60):
        while stub.requests[-1].outcome == "running":
            await asyncio.sleep(0.02)
    assert stub.requests[-1].outcome == "closed_by_client"


@pytest.mark.parametrize(
    ("behaviour", "limits"),
    [
        (Behaviour.SLOW_FIRST_TOKEN, {"first_token_s": 0.2}),
        (Behaviour.SLOW_DRIP, {"gap_s": 0.2}),
        (Behaviour.REPEATS, {"timeout_s": 0.4}),
    ],
)
async def test_each_limit_holds_by_itself(
    model: Model, stub: Stub, ask: Ask, behaviour: Behaviour, limits: dict[str, float]
) -> None:
    """Without it the provider would have said everything: its silences are shorter than all other limits."""
    stub.pace = type(stub.pace)(tokens_per_s=50, slow_first_token_ms=5_000, slow_gap_ms=5_000)
    stub.behave(behaviour)
    with pytest.raises(ModelFailed) as failure:
        [piece async for piece in model.stream(ask(**limits))]
    assert failure.value.kind is Failure.TIMED_OUT


async def test_a_slow_provider_within_the_limits_is_fine(model: Model, stub: Stub, ask: Ask) -> None:
    stub.pace = type(stub.pace)(first_token_ms=200, tokens_per_s=30)
    assert "".join([piece async for piece in model.stream(ask(QUESTION))]) == ANSWER


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\ndata: [1,2]\n\n\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\ndata: {"choices":[7]}\n\n',
        b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\ndata: {"type":"error"}',
        b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        bytes(range(256)),
    ],
)
async def test_whatever_else_a_server_sends_is_a_failure_with_a_kind(ask: Ask, answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for provider in PROVIDERS:
        model = model_at(f"{provider}:tiny-1", url, "key-1234")
        with pytest.raises(ModelFailed):
            [piece async for piece in model.stream(ask())]
        with pytest.raises(ModelFailed):
            await model.complete(ask())
        await model.aclose()
    server.close()
