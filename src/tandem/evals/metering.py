"""A model whose use is counted: calls and tokens, whoever calls it and for what."""

from tandem.llm import Completion, Model, Prompt, Stream


class Metered:
    """The model itself, with a memory of what was asked of it."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._asked: list[Stream | Completion] = []

    @property
    def name(self) -> str:
        """See Model."""
        return self._model.name

    def stream(self, prompt: Prompt) -> Stream:
        """See Model."""
        stream = self._model.stream(prompt)
        self._asked.append(stream)
        return stream

    async def complete(self, prompt: Prompt) -> Completion:
        """See Model."""
        completion = await self._model.complete(prompt)
        self._asked.append(completion)
        return completion

    async def aclose(self) -> None:
        """Nothing: the model belongs to whoever made it."""

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self._asked)

    @property
    def tokens(self) -> int:
        """Tokens in and out as far as the provider counted them."""
        return sum((each.usage.input_tokens or 0) + (each.usage.output_tokens or 0) for each in self._asked)
