"""A step of a procedure after the other, as far as it goes with what the customer has said. Knows no database and no model.

What has an effect or costs something is the doer's. Every advance ends: with a question, a proposal, a person, or the end. A
question is asked twice at most, and in one advance at most MOST_CALLS things are looked up or proposed.
"""

from typing import Any, NoReturn

from tandem.actions import money, telling
from tandem.actions.definition import IDENTITIES
from tandem.actions.proposed import LookedUp
from tandem.actions.rules import Refused
from tandem.workflows import conditions, taking, texts
from tandem.workflows.definition import OTHERWISE, Address, Slot, Step, Workflow
from tandem.workflows.state import Ask, Called, Doer, Moved, Said, State
from tandem.workflows.taking import Value

MOST_CALLS = 5
"""In one advance (issue 5, point 6: at most 5 calls a turn)."""

MOST_TRIES = 2
"""How often something is asked for; then a person has to."""

MOST_CHOICES = 4
"""Buttons below a question; more are a menu (answering/clarify)."""

LABEL_CHARS = 60
HISTORY = 10
"""Earlier messages that are read for a slot."""

NO_ANSWER = "no_answer"
"""The rule's name where a backend did not answer, so that nothing is known."""

MODE = "mode"
"""The rule's name while changes are switched off. Who asked for one gets a person, unless the procedure says what else."""

SWITCHED_OFF = "I cannot change anything here right now, so I am passing this on to a colleague."

OUTAGE = "I cannot reach the system for this right now, so I cannot tell you anything certain. I am passing this on to a colleague."


class _Ends(Exception):
    """This advance is over."""

    def __init__(self, **how: Any) -> None:
        self.how = how


async def advance(workflow: Workflow, before: State, said: Said, doer: Doer) -> Moved:
    """Go on from where the procedure stands, as far as what was said allows."""
    run = _Run(workflow, before, said, doer)
    try:
        await run.through()
    except _Ends as end:
        return Moved(
            run.stands() if end.how.pop("goes_on", False) else None,
            tuple(run.sentences),
            calls=tuple(run.calls),
            **end.how,
        )
    return Moved(None, tuple(run.sentences), calls=tuple(run.calls))


class _Run:
    """One advance."""

    def __init__(self, workflow: Workflow, before: State, said: Said, doer: Doer) -> None:
        self.workflow, self.said, self.doer = workflow, said, doer
        self.at: Address | None = before.at
        self.slots, self.facts, self.tries = dict(before.slots), dict(before.facts), dict(before.tries)
        self.answering = said.asked or before.asking
        self.asking, self.offered = before.asking, before.offered
        self.sentences: list[str] = []
        self.calls: list[Called] = []

    def stands(self) -> State:
        return State(self.at or (), self.slots, self.facts, self.tries, self.asking, self.offered)

    def known(self, **more: Any) -> dict[str, Any]:
        own = {"today": self.said.today.isoformat(), "identity": self.doer.identity}
        return {**self.facts, **self.slots, **own, **more}

    # ------------------------------------------------------------------ steps

    async def through(self) -> None:
        self._must_be(self.workflow.identity)
        if self.at is None or self.workflow.at(self.at) is None:
            self._hand_over("The procedure has changed since it began.")
        while self.at is not None:
            step = self.workflow.at(self.at)
            assert step is not None
            way = await self._do(step)
            self.at = (*self.at, *way) if way else self.workflow.after(self.at)

    async def _do(self, step: Step) -> Address:
        """Do one step; the way into the steps within it that come next, if any do."""
        match step.verb:
            case "reply":
                self._say(step.reply or "")
            case "branch":
                return self._branch(step)
            case "look_up":
                return await self._look_up(step)
            case "propose":
                return await self._propose(step)
            case "ask":
                await self._ask(step.ask or "")
            case "again":
                await self._again(step.again or "")
            case "step_up":
                self._must_be("stepped_up")
            case _:
                self._hand_over(step.hand_over or "")
        return ()

    def _branch(self, step: Step) -> Address:
        for number, arm in enumerate(step.branch or ()):
            if arm.if_ is None or conditions.holds(arm.if_, self.known(), self.said.today):
                return (number, 0)
        return ()

    async def _look_up(self, step: Step) -> Address:
        name = step.look_up or ""
        found = await self._found(name, texts.arguments(step.arguments, self.known()))
        self.facts.pop(step.kept_as, None)
        if found.result is None:
            return self._arm("missing" if step.missing else None, found.error, f"{name} found nothing.")
        self.facts[step.kept_as] = self._kept(step.kept_as, found.result)
        return ()

    async def _propose(self, step: Step) -> Address:
        name = step.propose or ""
        arguments = texts.arguments(step.arguments, self.known())
        self._count()
        try:
            proposal = await self.doer.propose(name, arguments)
        except Refused as refused:
            self._note(name, "propose", arguments, "refused", refused.rule)
            self._refused(name, refused)
            arms = step.refused or {}
            if refused.rule == MODE and MODE not in arms:
                self._say(SWITCHED_OFF)
                self._hand_over(f"{name} was refused: an admin has switched changes off.")
            arm = refused.rule if refused.rule in arms else OTHERWISE if OTHERWISE in arms else None
            return self._arm(arm, refused.sentence, f"{name} was refused ({refused.rule}): {refused.sentence}")
        self._note(name, "propose", arguments, str(proposal.run.status))
        raise _Ends(proposal=proposal)

    def _arm(self, arm: str | None, why: str, reason: str) -> Address:
        """What is declared for when it did not work; a person where nothing is."""
        if arm is None:
            self._hand_over(reason)
        self.facts["refusal"] = why
        return (arm, 0)

    # ------------------------------------------------------------------ slots

    async def _ask(self, name: str) -> None:
        slot = self.workflow.slots[name]
        if self.answering == name:
            value, offers = self._answered(slot)
        elif name in self.slots:
            return
        else:
            value, offers = await self._sought(slot)
        if value is not None:
            self._fill(name, value)
        elif self.answering == name:
            self.answering = None
            await self._once_more(name, slot.invalid, offers)
        elif not slot.optional:
            self._question(name, offers, None)

    def _answered(self, slot: Slot) -> tuple[Value | None, list[tuple[str, Value]]]:
        """What the answer to the question says."""
        plain = " ".join(self.said.text.split()).casefold()
        for label, value in self.offered:
            if plain == label.casefold() and taking.taken(slot, value) is not None:
                return value, []
        values = taking.answer(slot, self.said.text, self.said.today)
        return _single(slot, values)

    async def _sought(self, slot: Slot) -> tuple[Value | None, list[tuple[str, Value]]]:
        """The value from the first source that has one; several are offered."""
        for source in slot.from_:
            if source == "recent":
                recent = await self._recent(slot)
                value, offers = (recent[0][1], []) if len(recent) == 1 else (None, recent)
                told = recent
            else:
                values = self._named(slot, source)
                value, offers = _single(slot, values)
                told = _labelled(slot, values)
            if value is not None and slot.confirm and source != "message":
                return None, told
            if value is not None or offers:
                return value, offers
        return None, []

    def _named(self, slot: Slot, source: str) -> list[Value]:
        """What was said there; what another slot took from it is not taken twice."""
        said = self.said
        if source == "page":
            return taking.on_page(slot, said.page_url or "")
        texts_of = [said.text] if source == "message" else reversed(said.history[-HISTORY:])
        taken = {str(value) for value in self.slots.values()}
        for text in texts_of:
            if values := [each for each in taking.found(slot, text, said.today) if str(each) not in taken]:
                return values
        return []

    async def _recent(self, slot: Slot) -> list[tuple[str, Value]]:
        """The customer's own latest records with their labels; none where they cannot be seen."""
        recent = slot.recent
        assert recent is not None
        try:
            found = await self._asked_for(recent.look_up, texts.arguments(recent.with_, self.known()))
        except Refused:
            return []
        items = money.at(found.result, recent.items) if found.result is not None else None
        offers: dict[Value, str] = {}
        for item in items if isinstance(items, list) else []:
            known = self.known(item=item)
            if recent.where is not None and not conditions.holds(recent.where, known, self.said.today):
                continue
            value = taking.taken(slot, money.at(item, recent.value))
            if value is not None:
                offers.setdefault(value, shortened(texts.filled(recent.label, known)) or str(value))
        return [(label, value) for value, label in offers.items()]

    def _fill(self, name: str, value: Value) -> None:
        self.slots[name] = value
        if self.answering == name:
            self.answering = None
        self.asking, self.offered = None, ()

    async def _again(self, name: str) -> None:
        self.slots.pop(name, None)
        self.at = self.workflow.asking(name)
        slot = self.workflow.slots[name]
        offers = await self._recent(slot) if slot.recent and self.tries.get(name, 0) + 1 < MOST_TRIES else []
        await self._once_more(name, None, offers)

    async def _once_more(self, name: str, sentence: str | None, offers: list[tuple[str, Value]]) -> None:
        """The same question, and never a third time."""
        self.tries[name] = self.tries.get(name, 0) + 1
        if self.tries[name] >= MOST_TRIES:
            self._hand_over(f"The customer was asked for “{name.replace('_', ' ')}” twice.")
        slot = self.workflow.slots[name]
        if not offers and slot.recent and "recent" in slot.from_ and sentence is not None:
            offers = await self._recent(slot)
        self._question(name, offers, sentence)

    def _question(self, name: str, offers: list[tuple[str, Value]], sentence: str | None) -> NoReturn:
        slot = self.workflow.slots[name]
        if sentence:
            self._say(sentence)
        offers = offers or [(choice.label, choice.value) for choice in slot.choices]
        shown = offers if len(offers) <= MOST_CHOICES or not slot.choices else []
        self.asking, self.offered = name, tuple(shown[:MOST_CHOICES])
        question = texts.filled(slot.ask, self.known())
        raise _Ends(goes_on=True, ask=Ask(name, question, tuple(label for label, _ in self.offered)))

    # ------------------------------------------------------------------ calls

    async def _found(self, name: str, arguments: dict[str, Any]) -> LookedUp:
        """What a look-up returns; what it refuses as not the customer's, or not a thing, it has not found."""
        try:
            return await self._asked_for(name, arguments)
        except Refused as refused:
            self._refused(name, refused)
            if refused.rule not in ("owner", "schema"):
                self._hand_over(f"{name} was refused ({refused.rule}): {refused.sentence}")
            return LookedUp(name, None, refused.sentence)

    async def _asked_for(self, name: str, arguments: dict[str, Any]) -> LookedUp:
        self._count()
        try:
            found = await self.doer.look_up(name, arguments)
        except Refused as refused:
            outcome = NO_ANSWER if refused.rule == NO_ANSWER else "refused"
            self._note(name, "look_up", arguments, outcome, refused.rule)
            raise
        self._note(name, "look_up", arguments, "found" if found.is_found else "missing")
        return found

    def _refused(self, name: str, refused: Refused) -> None:
        """What is the same wherever it is refused: who the customer is, and a backend that does not answer."""
        if refused.rule == NO_ANSWER:
            self._say(OUTAGE)
            self._hand_over(f"{name} got no answer from the system behind it.")
        if refused.rule == "stepped_up":
            self._must_be("stepped_up")
            self._hand_over(f"{name} was refused ({refused.rule}).")
        if refused.rule == "identity" or (refused.rule == "owner" and self.doer.identity == "anyone"):
            self._must_be("verified")
            self._hand_over(f"{name} was refused ({refused.rule}).")

    def _must_be(self, identity: str) -> None:
        has = IDENTITIES.index(self.doer.identity)
        if has >= IDENTITIES.index(identity):
            return
        raise _Ends(goes_on=True, needs="step_up" if has >= IDENTITIES.index("verified") else "sign_in")

    def _count(self) -> None:
        if len(self.calls) >= MOST_CALLS:
            self._hand_over(f"The procedure would need more than {MOST_CALLS} calls.")

    def _note(self, name: str, kind: str, arguments: dict[str, Any], outcome: str, rule: str = "") -> None:
        self.calls.append(Called(name, kind, arguments, outcome, rule))

    def _kept(self, name: str, result: dict[str, Any]) -> dict[str, Any]:
        """Of a result, what the procedure looks at anywhere."""
        wanted = {path.partition(".")[2] for path in self.workflow.paths() if path.split(".")[0] == name}
        if "" in wanted:
            return result
        widest = (path for path in wanted if not any(path.startswith(f"{other}.") for other in wanted))
        return telling.seen(result, tuple(sorted(widest)))

    # ------------------------------------------------------------------ ends

    def _say(self, text: str) -> None:
        if sentence := texts.filled(text, self.known()):
            self.sentences.append(sentence)

    def _hand_over(self, reason: str) -> NoReturn:
        raise _Ends(hand_over=texts.filled(reason, self.known()))


def _single(slot: Slot, values: list[Value]) -> tuple[Value | None, list[tuple[str, Value]]]:
    """The one value; of several, what is offered."""
    return (values[0], []) if len(values) == 1 else (None, _labelled(slot, values)[:MOST_CHOICES])


def _labelled(slot: Slot, values: list[Value]) -> list[tuple[str, Value]]:
    return [(taking.label(slot, value), value) for value in values]


def shortened(text: str) -> str:
    """What stands on a button: cut at a word."""
    return text if len(text) <= LABEL_CHARS else text[: LABEL_CHARS - 2].rsplit(" ", 1)[0] + " …"
