"""Step 5: the answer's sentences. From our own records, from a model as it streams, or quoted word for word.

Each sentence goes through guard before the customer sees it, and one that may not leave is mended once; a model that fails, or of
whose draft nothing may leave, gives way to quotation.
"""

import html
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tandem.answering import (
    clarify,
    decide,
    guard,
    memory,
    parts,
    prompts,
    quotation,
    repairing,
    replies,
    second_opinion,
)
from tandem.answering.guard import Basis
from tandem.answering.turn import Citation, Draft, Kit, Sentence, Turn, holds_answer
from tandem.embedding.minilm import MiniLM
from tandem.knowledge import passages
from tandem.knowledge.search import Found
from tandem.llm import Finish, Model, ModelFailed, Prompt, Stream

MAX_TOKENS = 400
"""An answer is a few sentences or a list; more is a fault."""

TEMPERATURE = 0.2
"""Where the model's own setting does not say otherwise: wording may vary, facts may not."""

TIMEOUT_S = 7.0
"""Every turn ends within 8 s (fault table F11)."""

ENDING = re.compile(r"[.!?…؟۔।॥。！？｡\n]")
"""What a sentence can end with; without any of it nothing can be cut."""

CITED = re.compile(r"(?:[.!?…](?:\s*\[\d+\])+(?=\s+[^\s\[])|\[\d+\](?=\s+(?:[A-Z\d]|[-*•]\s)|\s*\n\s*[^\s\[]))")
"""Marks, and another sentence, item or line behind them: nothing there rests on these marks."""

MOST_CHARS = 4000
"""A model that writes more than this is not answering."""

MOST_WITHHELD = 6
"""After so many sentences that may not leave, the rest is not listened to: it is not answering either."""


async def write(turn: Turn, kit: Kit) -> Turn:
    """The draft, as far as it may be released; the teller has said it when this returns."""
    if turn.acted.speaks:
        records = tuple(Sentence(text, "record") for text in turn.acted.sentences)
        return await _said(turn, kit, Draft(records, by="records", model=turn.acted.model))
    if replies.is_smalltalk(turn) or clarify.first(turn) or not holds_answer(turn):
        return turn
    if not parts.scored(turn).is_enough:
        return replace(turn, draft=Draft(decide.held_back(quotation.quote(turn.evidence.candidates))))
    if kit.model and (known := kit.answers.find(turn, kit.model.name) if kit.answers else None):
        return await _again(turn, kit, known)
    drafted = await _by_model(turn, kit, kit.model) if kit.model else None
    if kit.model and drafted is not None and drafted.proves:
        if kit.answers:
            kit.answers.keep(turn, kit.model.name, drafted)
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


async def _again(turn: Turn, kit: Kit, known: Draft) -> Turn:
    """What a model wrote lately for somebody who asked the same."""
    await kit.teller.say(known.text, known.citations)
    return replace(turn, draft=replace(known, by="cache", model=None))


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
    given = memory.passages(turn.evidence.given)
    basis = _basis(turn, kit, given)
    writing = _Writing(given)
    trouble = ""
    stream = model.stream(_prompt(turn, given))
    try:
        async for part in _sentences(stream):
            if addition := writing.take(await guard.check(part, basis)):
                await kit.teller.say(addition, Draft(tuple(writing.sentences)).citations)
            if writing.withheld >= MOST_WITHHELD:
                break
    except ModelFailed as problem:
        trouble = problem.kind
    finally:
        await stream.aclose()
    used = {
        "name": stream.model,
        "input_tokens": stream.usage.input_tokens,
        "output_tokens": stream.usage.output_tokens,
        "prompt": prompts.load("answer").version,
    }
    return Draft(writing.considered, writing.text.strip(), "model", used, trouble)


@dataclass
class _Writing:
    """An answer growing sentence by sentence: what was let through so far, and what was not."""

    given: Sequence[Found]
    sentences: list[Sentence] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    text: str = ""
    held: str = ""
    """Courtesies and mended sentences that wait for one of the model's own that is proven: alone they are not its answer."""
    withheld: int = 0

    def take(self, checked: Sentence) -> str:
        """One more sentence, mended where it may not leave; what can be told to the customer now."""
        if checked.released and self._was_said(checked):
            return ""
        self.sentences.append(self._renumbered(checked))
        if not checked.released:
            self.withheld += 1
            mended = repairing.mended(checked, self.given, self.sentences)
            if mended is None:
                return ""
            self.sentences.append(self._renumbered(mended))
        self.held += self.sentences[-1].text
        if not self.text and self.sentences[-1].kind != "claim":
            return ""
        addition, self.held = self.held if self.text else self.held.lstrip(), ""
        self.text += addition
        return addition

    @property
    def considered(self) -> tuple[Sentence, ...]:
        """Every sentence; where nothing could be told, those that were waiting to be told are not among them."""
        return tuple(each for each in self.sentences if self.text or not each.released)

    def _was_said(self, checked: Sentence) -> bool:
        """A model that repeats itself is heard once."""
        return any(each.released and each.text.strip() == self._shown(checked).strip() for each in self.sentences)

    def _renumbered(self, sentence: Sentence) -> Sentence:
        """The model cites passages by their place in its prompt; the customer reads 1, 2, 3 in the order of the answer."""
        if not sentence.released or not sentence.citations:
            return sentence
        for citation in sentence.citations:
            self.numbers.setdefault(citation.index, len(self.numbers) + 1)
        cited = tuple(self._number(citation) for citation in sentence.citations)
        return replace(sentence, text=self._shown(sentence), citations=cited)

    def _number(self, citation: Citation) -> Citation:
        return replace(citation, index=self.numbers[citation.index])

    def _shown(self, sentence: Sentence) -> str:
        """Its text with the numbers that the customer reads, as far as they are given."""
        known = self.numbers
        return guard.MARK.sub(lambda mark: mark[0].replace(mark[1], str(known.get(int(mark[1]), 0))), sentence.text)


async def _sentences(stream: Stream) -> AsyncIterator[str]:
    """The stream cut into sentences, each with the space before it and the marks after it, as soon as it is whole.

    What a limit or a filter cut off is none.
    """
    rest, total = "", 0
    async for piece in stream:
        rest += piece
        if ENDING.search(
            rest
        ):  # a token alone seldom ends anything, and looking closely at each would cost more than reading it
            whole, rest = _cut(rest)
            for sentence in (part for each in whole for part in _at_marks(each)):
                yield sentence
        total += len(piece)
        if total > MOST_CHARS:
            return
    if rest.strip() and stream.finish not in (Finish.LENGTH, Finish.FILTERED):
        for sentence in _at_marks(rest):
            yield sentence


def _at_marks(text: str) -> list[str]:
    """A sentence at the marks within it that end one, after "1 pm." and after an item too."""
    ends = [0, *(found.end() for found in CITED.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends) if text[start:end].strip()]


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
    *marked, rest = _at_marks(text[begin:]) or [text[begin:]]
    return [*whole, *marked], rest


def _past_marks(text: str, at: int) -> int:
    while mark := guard.MARK.match(text, at):
        at = mark.end()
    return at


def _basis(turn: Turn, kit: Kit, given: Sequence[Found]) -> Basis:
    """What the draft may rest on."""
    asked = turn.asked
    told = (asked.text, *(said.text for said in asked.history if said.role == "user"), *asked.names, *asked.emails)
    return Basis(
        given,
        reader=kit.embedder if isinstance(kit.embedder, MiniLM) else None,
        names=f"{asked.company} {asked.assistant_name}",
        told="\n".join(told),
        judge=second_opinion.judge(kit.judging),
    )


def _prompt(turn: Turn, given: Sequence[Found]) -> Prompt:
    asked, tone = turn.asked, turn.asked.policy.rules.tone
    shown = "\n".join(
        f'<passage n="{n}" title="{html.escape(p.heading)}">{guard.as_data(p.text, "passage")}</passage>'
        for n, p in enumerate(given, 1)
    )
    system = prompts.load("answer").filled(
        assistant_name=asked.assistant_name,
        company=asked.company,
        voice=tone.voice,
        examples=memory.examples(tone.examples),
        passages=shown,
    )
    return Prompt(system, memory.conversation(asked), MAX_TOKENS, TEMPERATURE, TIMEOUT_S, public_system=True)
