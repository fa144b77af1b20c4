"""Calls that a model asks for. It has no authority at all: it names an action and arguments, and code decides.

The model that calls reads the conversation and results, never the knowledge; the one that drafts answers from passages has no
tools (security.md: two contexts). A change is never taken from the same step as a look-up, and after results were read nothing
is changed without the customer's own confirmation. Every call that was not done names the rule against it.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from tandem.actions import telling
from tandem.actions.acting import Acting
from tandem.actions.definition import Definition
from tandem.actions.ledger import RunStatus
from tandem.actions.proposed import Proposed
from tandem.actions.rules import Refused
from tandem.actions.session import Session
from tandem.actions.storing import storable
from tandem.answering import guard, memory, prompts, replies, words
from tandem.answering.turn import Acted, Turn, holds_answer
from tandem.intents import starter
from tandem.knowledge import passages
from tandem.llm import Called, Completion, Model, ModelFailed, Prompt, PromptMessage, Result, Tool, ToolCall
from tandem.tickets.lookups import Call

MAX_TOKENS = 600

TOGETHER_S = 6.0
"""All of a turn's calls and the requests for them: every turn ends within 8 s (fault table F11)."""

RESULT_CHARS = 4000
"""Of a result that a model reads."""

SAID = 0.5
"""Share of a sentence's content words that have to stand in what was looked up. A first value, between the guard's bounds for
passages: what a record calls `status: shipped` a sentence says with more words."""

DEED = re.compile(rf"\b({guard.DEEDS}|on its way|through)\b", re.IGNORECASE)
"""What a model may only say of a record that says it too."""

WORD = re.compile(r"\w+")

ROWS = 8
"""Of a record that is shown as it stands, because nothing better can be said of it."""

NONE = "none"
NOT_SURE = "Before I can do this, I have to be sure that it is you."


async def with_model(turn: Turn, model: Model, acting: Acting, session: Session) -> Acted | None:
    """What came of the calls; None when the model wants none, or cannot be asked."""
    if not _may_need(turn):
        return None
    changes = turn.asked.mode.makes_changes
    offered = [each for each in await acting.offered(session) if changes or not each.changes]
    if not offered:
        return None
    tools = {each.name: each for each in offered}
    planner = _Planner(turn, model, acting, session, tools, has_read=bool(turn.asked.found_before))
    try:
        async with asyncio.timeout(TOGETHER_S):
            await planner.run()
    except (TimeoutError, ModelFailed) as problem:
        planner.trouble = problem.kind if isinstance(problem, ModelFailed) else "timed_out"
        await planner.interrupted()
    return planner.acted()


class _Ours(Refused):
    """Refused here, before anybody else heard of it."""


def _may_need(turn: Turn) -> bool:
    """Not where knowledge holds the answer to a message whose intents ask for nothing to be done."""
    asserted = turn.heard.asserted
    if replies.is_smalltalk(turn):
        return False
    known = {intent.name: intent.requires_action for intent in starter.load().intents}
    needs_none = all(not known.get(name, True) for name in asserted)
    return not (needs_none and holds_answer(turn))


@dataclass
class _Planner:
    """One turn's conversation with the model about what to do."""

    turn: Turn
    model: Model
    acting: Acting
    session: Session
    offered: dict[str, Definition]
    calls: list[Call] = field(default_factory=list)
    found: list[tuple[Definition, dict[str, Any]]] = field(default_factory=list)
    changes: dict[str, Proposed] = field(default_factory=dict)
    text: str = ""
    hand_over: str = ""
    needs: str = ""
    trouble: str = ""
    has_read: bool = False
    """A handler's words have reached the model, be it only the reason why there is nothing."""
    under_way: ToolCall | None = None
    used: int = 0
    requests: int = 0
    tokens: list[int] = field(default_factory=lambda: [0, 0])

    async def run(self) -> None:
        """Ask, do, tell the results, until the model is done or the turn's calls are used up; then it may only put into words
        what was found."""
        prompt = self._prompt()
        until = time.monotonic() + TOGETHER_S
        most = self.turn.asked.policy.rules.limits.calls_per_turn
        while True:
            completion = await self._ask(_within(prompt, until))
            if not completion.calls:
                self.text = completion.text.strip()
                return
            mixed = len({self._changes(call) for call in completion.calls}) > 1
            results = [await self._do(call, most, mixed=mixed) for call in completion.calls]
            if self.hand_over:
                return
            if self.used >= most:
                if self.found and not self.changes:
                    self.text = (await self._ask(_within(self._words_prompt(), until))).text.strip()
                return
            prompt = _grown(prompt, Called(completion.text, completion.calls), results)

    async def _ask(self, prompt: Prompt) -> Completion:
        completion = await self.model.complete(prompt)
        self.requests += 1
        self.tokens[0] += completion.usage.input_tokens or 0
        self.tokens[1] += completion.usage.output_tokens or 0
        return completion

    def _changes(self, call: ToolCall) -> bool:
        known = self.offered.get(call.name)
        return known is not None and known.changes

    async def _do(self, call: ToolCall, most: int, *, mixed: bool) -> Result:
        """One call: done, proposed or refused; in any case the model hears of it as data."""
        self.used, self.under_way = self.used + 1, call
        result = await self._judged(call, most, mixed=mixed)
        self.under_way = None
        return result

    async def interrupted(self) -> None:
        """Time was up in the middle of a call: it stands in the record all the same, a change as the ledger has it."""
        call = self.under_way
        if call is None:
            return
        try:
            arguments = _read(call.arguments)
        except Refused:
            arguments = None
        stands = (
            await self.acting.find(self.session, call.name, arguments)
            if self._changes(call) and isinstance(arguments, dict)
            else None
        )
        if stands is not None:
            self.changes[stands.run.shown_id] = stands
        state, shown = (str(stands.run.status), stands.state()) if stands else ("unfinished", {})
        self.calls.append(Call(storable(call.name[:64]), self._shown(call.name, arguments), state, shown))

    async def _judged(self, call: ToolCall, most: int, *, mixed: bool) -> Result:
        arguments: Any = None
        try:
            arguments = _read(call.arguments)
            if self.used > most:
                raise _Ours("calls_per_turn", f"At most {most} calls are made for one message.")
            if mixed and self._changes(call):
                raise _Ours("same_step", "Propose a change in a step of its own, after the look-ups.")
            return await self._done(call, arguments)
        except Refused as refused:
            if isinstance(refused, _Ours):
                await self.acting.refuse(self.session, call.name, refused, arguments)
            if refused.rule in ("stepped_up", "identity"):
                self.needs = "step_up" if refused.rule == "stepped_up" else "sign_in"
            self.calls.append(
                Call(storable(call.name[:64]), self._shown(call.name, arguments), "refused", {}, rule=refused.rule)
            )
            return _told(call, {"error": refused.sentence, "rule": refused.rule}, is_error=True)

    async def _done(self, call: ToolCall, arguments: object) -> Result:
        known = self.offered.get(call.name)
        if known is not None and known.kind == "escalate":
            self.hand_over = "The customer's request needs a person."
            self.calls.append(Call(call.name, self._shown(call.name, arguments), "done", {}))
            return _told(call, {"status": "handed over"})
        if known is not None and known.changes:
            proposed = await self.acting.propose(self.session, call.name, arguments, careful=self.has_read)
            self.changes[proposed.run.shown_id] = proposed
            self.calls.append(
                Call(call.name, proposed.card()["parameters"], str(proposed.run.status), proposed.state())
            )
            return _told(call, {"status": _for_model(proposed), "summary": proposed.run.summary})
        self.has_read = True  # whatever comes of it
        found = await self.acting.look_up(self.session, call.name, arguments)
        assert known is not None, "what is not offered was refused"
        state = "done" if found.is_found else "failed"
        shown = telling.seen(found.result or {}, known.shows.customer)
        self.calls.append(Call(call.name, self._shown(call.name, arguments), state, shown))
        if found.result is None:
            return _told(call, {"error": found.error}, is_error=True)
        self.found.append((known, found.result))
        return _told(call, telling.seen(found.result, known.shows.model))

    def _shown(self, name: str, arguments: object) -> dict[str, Any]:
        """What the record keeps of arguments: those of a known action; of anything else nothing, it may be anything."""
        known = self.offered.get(name)
        if known is None or not isinstance(arguments, dict):
            return {}
        named = known.input_schema.get("properties", {})
        given = {key: storable(value) for key, value in arguments.items() if key in named}
        return telling.shown_arguments(known, given)

    # ------------------------------------------------------------------ what is said of it

    def acted(self) -> Acted | None:
        """What the turn says: of changes what the ledger says, of look-ups what stands in them; None when there is nothing."""
        calls, model = tuple(self.calls), self._used()
        if self.hand_over:
            return Acted(calls, (), "model", hand_over=self.hand_over, model=model)
        if self.changes:
            stands = list(self.changes.values())
            cards = tuple(each.card() for each in stands if each.run.status is RunStatus.PROPOSED)
            said = tuple(each.sentence for each in stands)
            return Acted(calls, said, "model", cards, model=model)
        if self.needs:
            sentence = NOT_SURE if self.needs == "step_up" else "Please sign in first."
            return Acted(calls, (sentence,), "model", needs=self.needs, model=model)
        said = self._checked()
        if said:
            return Acted(calls, said, "model", asks=said[-1].endswith("?"), model=model)
        if self.found:
            return Acted(calls, tuple(record(known, result) for known, result in self.found), "model", model=model)
        return Acted(calls, (), "model", model=model) if calls else None

    def _used(self) -> dict[str, Any]:
        return {
            "name": self.model.name,
            "input_tokens": self.tokens[0],
            "output_tokens": self.tokens[1],
            "prompt": prompts.load("act").version,
            "requests": self.requests,
            **({"trouble": self.trouble} if self.trouble else {}),
        }

    def _checked(self) -> tuple[str, ...]:
        """The model's sentences that stand in what was looked up, and its questions; claims of its own are left out."""
        if not self.text or self.text.strip(" .").lower() == NONE:
            return ()
        source = "\n".join(_flat(telling.seen(result, known.shows.customer)) for known, result in self.found)
        kept = []
        for start, end in passages.sentences(self.text):
            sentence = self.text[start:end].strip()
            if guard.is_courtesy(sentence) or (source and self._stands(sentence, source)):
                kept.append(sentence)
        if all(guard.is_courtesy(sentence) and not sentence.endswith("?") for sentence in kept):
            return ()  # an answer that says nothing
        return tuple(kept)

    def _stands(self, sentence: str, source: str) -> bool:
        """By the records alone: the customer's own words would let through that what they ask for has been done."""
        claimed = {words.stem(word.lower()) for word in (*guard.PROMISE.findall(sentence), *DEED.findall(sentence))}
        return (
            words.numbers(sentence) <= words.numbers(f"{source}\n{self.turn.asked.text}")
            and not claimed - {words.stem(word) for word in WORD.findall(source.lower())}
            and words.coverage(sentence, source) >= SAID
        )

    def _words_prompt(self) -> Prompt:
        """For an answer out of what was found, by a model that has no tools."""
        asked = self.turn.asked
        seen = [{known.name: telling.seen(result, known.shows.model)} for known, result in self.found]
        records = orjson.dumps(seen, default=str).decode()[: 2 * RESULT_CHARS]
        system = prompts.load("found").filled(
            assistant_name=asked.assistant_name,
            company=asked.company,
            voice=asked.policy.rules.tone.voice,
            records=f"<records>{records.replace('</records', '< /records')}</records>",
        )
        return Prompt(system, (PromptMessage("user", asked.text),), MAX_TOKENS, 0.0, TOGETHER_S)

    def _earlier(self) -> str:
        """What the turns before found in this conversation, as far as a model may see it: ids that are needed again stand there."""
        seen = [
            {"action": call.tool, "arguments": call.args, "result": telling.seen(call.result, known.shows.model)}
            for call in self.turn.asked.found_before
            if (known := self.offered.get(call.tool)) is not None and known.kind == "look_up"
        ]
        if not seen:
            return ""
        records = orjson.dumps(seen, default=str).decode()[: 2 * RESULT_CHARS].replace("</records", "< /records")
        return f"Found earlier in this conversation, and perhaps out of date:\n<records>{records}</records>"

    def _prompt(self) -> Prompt:
        asked = self.turn.asked
        system = prompts.load("act").filled(
            assistant_name=asked.assistant_name,
            company=asked.company,
            voice=asked.policy.rules.tone.voice,
            earlier=self._earlier(),
        )
        tools = tuple(Tool(each.name, each.description, each.input_schema) for each in self.offered.values())
        return Prompt(system, memory.conversation(asked), MAX_TOKENS, 0.0, TOGETHER_S, tools=tools)


def record(definition: Definition, result: dict[str, Any]) -> str:
    """A result in words: the tenant's sentence for it, or the record as it stands."""
    seen = telling.seen(result, definition.shows.customer)
    if definition.texts.done:
        return telling.filled(definition.texts.done, {"result": seen})
    told = [(name.replace("_", " "), telling.shown_value(value)) for name, value in seen.items()]
    rows = [f"{name}: {value}" for name, value in told if value]
    return "Our records say: " + "; ".join(rows[:ROWS]) + "." if rows else "Our records have nothing on that."


def _read(arguments: str) -> object:
    try:
        return orjson.loads(arguments)
    except orjson.JSONDecodeError:
        raise _Ours("schema", "The arguments are no JSON object.") from None


def _told(call: ToolCall, content: dict[str, Any], *, is_error: bool = False) -> Result:
    return Result(call.id, call.name, orjson.dumps(content, default=str).decode()[:RESULT_CHARS], is_error)


def _for_model(proposed: Proposed) -> str:
    return "proposed; the customer has to confirm it" if proposed.token else str(proposed.run.status)


def _flat(value: Any, name: str = "") -> str:
    """A record as text: names and values."""
    if isinstance(value, dict):
        return "; ".join(_flat(part, key.replace("_", " ")) for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(_flat(part, name) for part in value)
    return f"{name} {value}"


def _within(prompt: Prompt, until: float) -> Prompt:
    left = max(0.1, until - time.monotonic())
    return Prompt(prompt.system, prompt.messages, prompt.max_tokens, prompt.temperature, left, tools=prompt.tools)


def _grown(prompt: Prompt, called: Called, results: list[Result]) -> Prompt:
    said = (*prompt.messages, called, *results)
    return Prompt(prompt.system, said, prompt.max_tokens, prompt.temperature, prompt.timeout_s, tools=prompt.tools)
