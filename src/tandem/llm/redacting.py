"""A model that never reads personal data: placeholders go out, and what it writes gets the data back.

Wraps any model. Everything of a prompt is looked through but the names and schemas of tools, and a system text that says it is
public. The data is kept for the one prompt, in memory alone.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Self

from tandem.llm.model import (
    Called,
    Completion,
    Finish,
    Message,
    Model,
    Prompt,
    PromptMessage,
    Result,
    Stream,
    ToolCall,
    Usage,
)
from tandem.personal import Policy, Restorer, Vault

NOTE = (
    "\n\nWords in square brackets such as [EMAIL_1] or [PHONE_2] stand for personal data that is kept from you. Where you need it,"
    " write such a word exactly as it is; the right data is put in its place afterwards. Never ask for it again because of that."
)
"""Said to the model where placeholders were put in, and only there."""


class Redacting:
    """A model behind a policy, which is asked for anew with every prompt. See `Model` for the promises."""

    def __init__(self, model: Model, policy: Callable[[], Policy]) -> None:
        self._model, self._policy = model, policy

    @property
    def name(self) -> str:
        """Of the model itself."""
        return self._model.name

    def stream(self, prompt: Prompt) -> Stream:
        """The answer as it is written, with the data back in it."""
        vault, safe = redacted(prompt, self._policy())
        stream = self._model.stream(safe)
        return _Restored(stream, vault) if vault else stream

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer in one piece. Raises ModelFailed."""
        vault, safe = redacted(prompt, self._policy())
        completion = await self._model.complete(safe)
        if not vault:
            return completion
        return replace(completion, text=vault.restore(completion.text), calls=_calls(completion.calls, vault))

    async def aclose(self) -> None:
        """Closes the model's connections."""
        await self._model.aclose()


def redacted(prompt: Prompt, policy: Policy) -> tuple[Vault, Prompt]:
    """The prompt as a provider may read it, and what was taken out; the same prompt where nothing was."""
    vault = Vault(policy, public=prompt.system if prompt.public_system else "")
    if not policy.kinds:
        return vault, prompt
    private = () if prompt.public_system else (prompt.system,)
    vault.learn([*private, *(text for message in prompt.messages for text in _texts(message))])
    if not vault:
        return vault, prompt
    system = prompt.system if prompt.public_system else vault.redact(prompt.system)
    messages = tuple(_message(message, vault) for message in prompt.messages)
    return vault, replace(prompt, system=system + NOTE, messages=messages)


def _texts(message: Message) -> tuple[str, ...]:
    if isinstance(message, PromptMessage):
        return (message.text,)
    if isinstance(message, Result):
        return (message.content,)
    return (message.text, *(call.arguments for call in message.calls))


def _message(message: Message, vault: Vault) -> Message:
    if isinstance(message, PromptMessage):
        return replace(message, text=vault.redact(message.text))
    if isinstance(message, Result):
        return replace(message, content=vault.redact_json(message.content))
    calls = tuple(replace(call, arguments=vault.redact_json(call.arguments)) for call in message.calls)
    return Called(vault.redact(message.text), calls)


def _calls(calls: tuple[ToolCall, ...], vault: Vault) -> tuple[ToolCall, ...]:
    return tuple(replace(call, arguments=vault.restore_json(call.arguments)) for call in calls)


class _Restored:
    """One answer arriving, with the data back in it wherever the provider cut it; see `Stream` for the promises."""

    def __init__(self, stream: Stream, vault: Vault) -> None:
        self._stream, self._vault = stream, vault
        self._restorer = Restorer(vault)
        self._over = False

    @property
    def model(self) -> str:
        """The name of the model asked."""
        return self._stream.model

    @property
    def usage(self) -> Usage:
        """As the provider counted it: with placeholders."""
        return self._stream.usage

    @property
    def finish(self) -> Finish | None:
        """Why the provider stopped."""
        return self._stream.finish

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls, with the data in their arguments."""
        return _calls(self._stream.calls, self._vault)

    @property
    def first_token_ms(self) -> float | None:
        """Milliseconds to the first text that came, said or held back."""
        return self._stream.first_token_ms

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while not self._over:
            try:
                text = self._restorer.feed(await self._stream.__anext__())
            except StopAsyncIteration:
                self._over = True
                text = self._restorer.end()
            if text:
                return text
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Ends the stream and its connection."""
        await self._stream.aclose()
