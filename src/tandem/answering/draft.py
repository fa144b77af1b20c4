"""Step 5: the answer's sentences. From our own records, from a model as it streams, or quoted word for word.

Each sentence goes through guard before the customer sees it; a model that fails, or of whose draft nothing may leave,
gives way to quotation.
"""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace

from tandem.answering import clarify, decide, guard, parts, prompts, quotation, replies
from tandem.answering.turn import Draft, Kit, Sentence, Turn, holds_answer
from tandem.knowledge import passages
from tandem.llm import Model, ModelFailed, Prompt, PromptMessage

GIVEN = 6
"""Passages that a model is given: at most some 1,500 tokens of the 6,000 that a prompt may have."""

HISTORY = 10
"""Messages of the history that a model is given word for word (S3: about ten turns)."""

MAX_TOKENS = 400
"""An answer is a few sentences or a list; more is a fault."""

TIMEOUT_S = 7.0
"""Every turn ends within 8 s (fault table F11)."""

ENDING = re.compile(r"[.!?…؟۔।॥。！？｡\n]")
"""What a sentence can end with; without any of it nothing can be cut."""

MOST_CHARS = 4000
"""A model that writes more than this is not answering."""


async def write(turn: Turn, kit: Kit) -> Turn:
    """The draft, as far as it may be released; the teller has said it when this returns."""
    if turn.acted.speaks:
        records = tuple(Sentence(text, "record") for text in turn.acted.sentences)
        return await _said(turn, kit, Draft(records, by="records", model=turn.acted.model))
    if replies.is_smalltalk(turn) or clarify.first(turn) or not holds_answer(turn):
        return turn
    if not parts.scored(turn).is_enough:
        return replace(turn, draft=Draft(decide.held_back(quotation.quote(turn.evidence.candidates))))
    drafted = await _by_model(turn, kit, kit.model) if kit.model else None
    if drafted is not None and drafted.proves:
        return replace(turn, draft=drafted)
    quoted = await _said(turn, kit, Draft(quotation.quote(turn.evidence.candidates)))
    if drafted is None:
        return quoted
    return replace(
        turn,
        draft=replace(
            quoted.draft,
            sentences=(*drafted.sentences, *quoted.draft.sentences),
            model=drafted.model,
            trouble=drafted.trouble,
        ),
    )


async def _said(turn: Turn, kit: Kit, draft: Draft) -> Turn:
    """A draft that needs no checking sentence by sentence, because it is quoted or recorded."""
    text = "\n\n".join(_marked(sentence) for sentence in draft.sentences)
    if text:
        await kit.teller.say(text, draft.citations)
    return replace(turn, draft=replace(draft, text=text))


def _marked(sentence: Sentence) -> str:
    """The sentence with its marks; below it where it is a list or a table."""
    text = sentence.text.strip()
    marks = "".join(f"[{citation.index}]" for citation in sentence.citations)
    return f"{text}{chr(10) if chr(10) in text else ' '}{marks}" if marks else text


async def _by_model(turn: Turn, kit: Kit, model: Model) -> Draft:
    """What a model writes, as far as guard lets it through."""
    given = turn.evidence.passages[:GIVEN]
    names = f"{turn.asked.company} {turn.asked.assistant_name}"
    sentences: list[Sentence] = []
    numbers: dict[int, int] = {}
    text = held = trouble = ""
    stream = model.stream(_prompt(turn))
    try:
        async for part in _sentences(stream):
            sentences.append(_renumbered(await guard.check(part, given, kit.embedder, names), numbers))
            if not sentences[-1].released:
                continue
            held += sentences[-1].text
            if (
                text or sentences[-1].kind == "claim"
            ):  # a courtesy waits for proof: alone it would be an answer that says nothing
                addition, held = held if text else held.lstrip(), ""
                text += addition
                await kit.teller.say(addition, Draft(tuple(sentences)).citations)
    except ModelFailed as problem:
        trouble = problem.kind
    finally:
        await stream.aclose()
    used = {
        "name": model.name,
        "input_tokens": stream.usage.input_tokens,
        "output_tokens": stream.usage.output_tokens,
        "prompt": prompts.load("answer").version,
    }
    return Draft(tuple(sentences), text.strip(), "model", used, trouble)


def _renumbered(sentence: Sentence, numbers: dict[int, int]) -> Sentence:
    """The model cites passages by their place in its prompt; the customer reads 1, 2, 3 in the order of the answer."""
    if not sentence.released or not sentence.citations:
        return sentence
    for citation in sentence.citations:
        numbers.setdefault(citation.index, len(numbers) + 1)
    text = guard.MARK.sub(lambda mark: mark[0].replace(f"[{mark[1]}]", f"[{numbers[int(mark[1])]}]"), sentence.text)
    return replace(sentence, text=text, citations=tuple(replace(c, index=numbers[c.index]) for c in sentence.citations))


async def _sentences(stream: AsyncIterator[str]) -> AsyncIterator[str]:
    """The stream cut into sentences, each with the space before it and the marks after it, as soon as it is whole."""
    rest, total = "", 0
    async for piece in stream:
        rest += piece
        if ENDING.search(
            rest
        ):  # a token alone seldom ends anything, and looking closely at each would cost more than reading it
            whole, rest = _cut(rest)
            for sentence in whole:
                yield sentence
        total += len(piece)
        if total > MOST_CHARS:
            return
    if rest.strip():
        yield rest


def _cut(text: str) -> tuple[list[str], str]:
    """The whole sentences, and the rest, which may still grow."""
    whole: list[str] = []
    begin = 0
    for _, end in passages.sentences(text):
        end = _past_marks(text, end)
        following = text[end:].lstrip()
        if not following or (following[0] == "[" and "]" not in following):
            break
        if end > begin:
            whole.append(text[begin:end])
            begin = end
    return whole, text[begin:]


def _past_marks(text: str, at: int) -> int:
    while mark := guard.MARK.match(text, at):
        at = mark.end()
    return at


def _prompt(turn: Turn) -> Prompt:
    asked = turn.asked
    given = "\n".join(
        f'<passage n="{n}" title="{html.escape(p.heading)}">{_as_data(p.text)}</passage>'
        for n, p in enumerate(turn.evidence.passages[:GIVEN], 1)
    )
    system = prompts.load("answer").filled(
        assistant_name=asked.assistant_name, company=asked.company, voice=asked.policy.rules.tone.voice, passages=given
    )
    history = [
        PromptMessage("user" if said.role == "user" else "assistant", said.text) for said in asked.history[-HISTORY:]
    ]
    said = (*history, PromptMessage("user", asked.text))
    return Prompt(system, said, MAX_TOKENS, 0.2, TIMEOUT_S, public_system=True)


def _as_data(text: str) -> str:
    """A passage cannot close its own tag."""
    return text.replace("</passage", "< /passage")
