"""A procedure for what a customer wants: what has to be known, and the steps. Data; nothing in it is ever run as code.

Written as YAML (`reading`), checked here, carried out by `running`.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

import pydantic

from tandem.actions.definition import NAME, PATH
from tandem.workflows import patterns, texts

MOST_STEPS = 200
"""In one procedure, those of its branches counted: a page of ten screens."""

MOST_SLOTS = 20
OPERATORS = ("is", "is_not", "in", "above", "below", "at_least", "at_most", "before", "after", "present", "missing",
             "within_days", "older_than_days")  # fmt: skip
VERBS = ("ask", "look_up", "branch", "propose", "reply", "hand_over", "step_up", "again")
LAST = ("propose", "hand_over", "again")
"""What ends the steps it stands in: after it comes the customer's word, a person, or another try."""

BUILT_IN = frozenset({"refusal", "today", "identity"})
"""Names beside slots and look-ups: why something was refused or not found, the day, and how sure we are who the customer is."""

OTHERWISE = "otherwise"

Name = Annotated[str, pydantic.Field(pattern=NAME)]
Path = Annotated[str, pydantic.Field(pattern=PATH, max_length=200)]
Text = Annotated[str, pydantic.Field(min_length=1, max_length=1000)]
Short = Annotated[str, pydantic.Field(min_length=1, max_length=200)]
Literals = str | int | float | bool | None


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Condition(_Part):
    """Something that is so or not: one comparison of what stands at `path`, or `all`, `any` or `not` of others.

    Days compare with ISO dates or `today`; `within_days: 30` holds from today back to 30 days ago. What is missing is equal to
    nothing, and neither above nor below anything.
    """

    path: Path | None = None
    is_: Literals = pydantic.Field(default=None, alias="is")
    is_not: Literals = None
    in_: tuple[Literals, ...] | None = pydantic.Field(default=None, alias="in", min_length=1, max_length=50)
    above: int | float | None = None
    below: int | float | None = None
    at_least: int | float | None = None
    at_most: int | float | None = None
    before: str | None = pydantic.Field(default=None, pattern=r"^(today|\d{4}-\d{2}-\d{2})$")
    after: str | None = pydantic.Field(default=None, pattern=r"^(today|\d{4}-\d{2}-\d{2})$")
    present: Literal[True] | None = None
    missing: Literal[True] | None = None
    within_days: int | None = pydantic.Field(default=None, ge=0, le=36500)
    older_than_days: int | None = pydantic.Field(default=None, ge=0, le=36500)
    all_: "tuple[Condition, ...] | None" = pydantic.Field(default=None, alias="all", min_length=1, max_length=20)
    any_: "tuple[Condition, ...] | None" = pydantic.Field(default=None, alias="any", min_length=1, max_length=20)
    not_: "Condition | None" = pydantic.Field(default=None, alias="not")

    @pydantic.model_validator(mode="after")
    def _one_thing(self) -> Self:
        said = {name.rstrip("_") for name in self.model_fields_set}
        if said == {"all"} or said == {"any"} or said == {"not"}:
            return self
        if "path" not in said or len(said) != 2 or not said <= {"path", *OPERATORS}:
            raise ValueError(
                f"a condition is a `path` with one of {', '.join(OPERATORS)}; or all, any or not of others"
            )
        return self

    @property
    def operator(self) -> str:
        """Which of OPERATORS it is; `all`, `any` or `not`."""
        return next(name.rstrip("_") for name in self.model_fields_set if name != "path")

    def paths(self) -> Iterator[str]:
        """Everything that it looks at."""
        if self.path is not None:
            yield self.path
        inner = [*(self.all_ or ()), *(self.any_ or ()), *([self.not_] if self.not_ else [])]
        for condition in inner:
            yield from condition.paths()


class Choice(_Part):
    """One of what may be answered. `label` stands on the button; `words` say it in other words."""

    value: Short
    label: Annotated[str, pydantic.Field(min_length=1, max_length=60)]
    words: tuple[Short, ...] = pydantic.Field(default=(), max_length=40)


class Recent(_Part):
    """The customer's own latest records: `look_up` returns them at `items`, each with its `value`; gaps in texts begin with `item`."""

    look_up: Name
    with_: dict[str, Any] = pydantic.Field(default_factory=dict, alias="with", max_length=20)
    items: Path
    value: Path
    label: Short
    where: Condition | None = None
    """Which of them come into question."""


class Slot(_Part):
    """Something that has to be known: how it is found, how it is asked for, and what it may be.

    Patterns are tried whatever the case of letters. `pattern` is what the value has to be, whole; `finds` are how it shows
    itself in running text, their first group being the value; without them the pattern itself is looked for.
    """

    ask: Text
    invalid: Text | None = None
    """Said before asking once more."""
    kind: Literal["text", "integer", "amount", "date", "email", "choice"] = "text"
    pattern: patterns.Pattern | None = None
    finds: tuple[patterns.Pattern, ...] = pydantic.Field(default=(), max_length=10)
    case: Literal["upper", "lower"] | None = None
    choices: tuple[Choice, ...] = pydantic.Field(default=(), max_length=50)
    currency: str | None = pydantic.Field(default=None, pattern=r"^[A-Z]{3}$")
    """Of an amount, which is kept in its minor units."""
    optional: bool = False
    """Taken when it was said, and never asked for."""
    confirm: bool = False
    """What was not said in this message or in answer to the question is offered and not taken for granted."""
    from_: tuple[Literal["message", "history", "page", "recent"], ...] = pydantic.Field(
        default=(), alias="from", max_length=4
    )
    """Where it is looked for before it is asked for, in this order; nowhere when nothing is said."""
    page: patterns.Pattern | None = None
    """How the address of the page that the customer is on names it: the first group."""
    recent: Recent | None = None

    @pydantic.field_validator("choices", mode="before")
    @classmethod
    def _plain_choices(cls, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        return [{"value": each, "label": each} if isinstance(each, str) else each for each in value]

    @pydantic.model_validator(mode="after")
    def _fits_together(self) -> Self:
        for kind, name, there in (
            ("choice", "choices", bool(self.choices)),
            ("amount", "currency", self.currency is not None),
        ):
            if (self.kind == kind) != there:
                raise ValueError(f"`{name}` belongs to the kind {kind}, and is needed there")
        if self.kind != "text" and (self.pattern or self.finds or self.case):
            raise ValueError("`pattern`, `finds` and `case` are for the kind text")
        for source, there in (("page", self.page is not None), ("recent", self.recent is not None)):
            if (source in self.from_) != there:
                raise ValueError(f"`{source}` says how, and `from` that it is looked for there: both or neither")
        labels = [choice.label.casefold() for choice in self.choices]
        values = [choice.value for choice in self.choices]
        if len(set(labels)) < len(labels) or len(set(values)) < len(values):
            raise ValueError("two choices are the same")
        return self


def _steps(value: Any) -> Any:
    """A text alone says just that."""
    return [{"reply": value}] if isinstance(value, str) else value


def _arms(value: Any) -> Any:
    """Steps alone, or a text, are for whatever rule refuses."""
    return value if isinstance(value, dict) or value is None else {OTHERWISE: value}


Steps = Annotated[
    "tuple[Step, ...]", pydantic.BeforeValidator(_steps), pydantic.Field(min_length=1, max_length=MOST_STEPS)
]


class Arm(_Part):
    """Steps for when something is so; `else` stands last and takes what is left."""

    if_: Condition | None = pydantic.Field(default=None, alias="if")
    then: "Steps | None" = None
    else_: "Steps | None" = pydantic.Field(default=None, alias="else")

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Self:
        if self.model_fields_set not in ({"if_", "then"}, {"else_"}):
            raise ValueError("a branch is `if` and `then`, or `else`")
        return self

    @property
    def steps(self) -> "tuple[Step, ...]":
        """What is done."""
        return self.then or self.else_ or ()


class Step(_Part):
    """One thing to do: exactly one of VERBS.

    `again: slot` forgets what was answered and asks once more, a second time it hands over. What follows a look-up that found
    nothing (`missing`) or a refused proposal (`refused`, by the rule's name or `otherwise`) ends the procedure.
    """

    ask: Name | None = None
    look_up: Name | None = None
    propose: Name | None = None
    with_: dict[Short, Any] | None = pydantic.Field(default=None, alias="with", max_length=50)
    as_: Name | None = pydantic.Field(default=None, alias="as")
    missing: "Steps | None" = None
    refused: Annotated[dict[Name, "Steps"] | None, pydantic.BeforeValidator(_arms)] = None
    branch: tuple[Arm, ...] | None = pydantic.Field(default=None, min_length=1, max_length=20)
    reply: Text | None = None
    hand_over: Short | None = None
    step_up: Literal[True] | None = None
    again: Name | None = None

    @pydantic.model_validator(mode="after")
    def _one_verb(self) -> Self:
        verbs = [verb for verb in VERBS if verb in self.model_fields_set]
        if len(verbs) != 1:
            raise ValueError(f"a step is exactly one of {', '.join(VERBS)}")
        belong = {"look_up": {"with_", "as_", "missing"}, "propose": {"with_", "refused"}}.get(verbs[0], set())
        if stray := self.model_fields_set - {verbs[0]} - belong:
            raise ValueError(f"`{min(stray).rstrip('_')}` does not belong to `{verbs[0]}`")
        if self.branch and any(arm.else_ for arm in self.branch[:-1]):
            raise ValueError("`else` stands last")
        return self

    @property
    def verb(self) -> str:
        """Which of VERBS."""
        return next(verb for verb in VERBS if verb in self.model_fields_set)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the action is given, with gaps."""
        return self.with_ or {}

    @property
    def kept_as(self) -> str:
        """By which name later steps know what was looked up."""
        return self.as_ or self.look_up or ""

    def inner(self) -> "Iterator[tuple[str | int, tuple[Step, ...]]]":
        """The steps within it, each list with what leads to it."""
        for number, arm in enumerate(self.branch or ()):
            yield number, arm.steps
        if self.missing:
            yield "missing", self.missing
        yield from (self.refused or {}).items()


Address = tuple[str | int, ...]
"""Where a step stands: its number; within a branch the arm's number, then the step's: (3, 0, 1)."""


class Workflow(_Part):
    """A procedure."""

    name: str = pydantic.Field(pattern=NAME)
    title: Short
    description: str = pydantic.Field(default="", max_length=2000)
    intents: tuple[Annotated[str, pydantic.Field(min_length=1, max_length=80)], ...] = pydantic.Field(
        min_length=1, max_length=20
    )
    """What the customer wants when it begins: names of intents."""
    when: tuple[patterns.Pattern, ...] = pydantic.Field(default=(), max_length=20)
    """How the message that begins it is worded: one of these stands in it. Without any, the intent is enough."""
    unless: tuple[patterns.Pattern, ...] = pydantic.Field(default=(), max_length=20)
    """How a message is worded that begins it in no case."""
    identity: Literal["anyone", "verified", "stepped_up"] = "anyone"
    slots: dict[Name, Slot] = pydantic.Field(default_factory=dict, max_length=MOST_SLOTS)
    steps: Steps

    @pydantic.model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        steps = list(self.walk())
        if len(steps) > MOST_STEPS:
            raise ValueError(f"a procedure has at most {MOST_STEPS} steps")
        kept = {step.kept_as for _, step in steps if step.look_up}
        if both := kept & set(self.slots) | (kept | set(self.slots)) & (BUILT_IN | {"item"}):
            raise ValueError(f"{min(both)!r} names two things")
        asked = {step.ask for _, step in steps}
        for address, step in steps:
            wanted = step.ask or step.again
            if wanted is not None and wanted not in self.slots:
                raise ValueError(f"step {shown(address)}: there is no slot named {wanted!r}")
            if step.again is not None and step.again not in asked:
                raise ValueError(f"step {shown(address)}: nothing asks for {step.again!r}")
        for path, where in self._named(steps):
            if path.split(".")[0] not in kept | set(self.slots) | BUILT_IN | ({"item"} if "recent" in where else set()):
                raise ValueError(f"{where}: nothing is known as {path!r}")
        for address, steps_there in self._lists():
            if any(step.verb in LAST for step in steps_there[:-1]):
                raise ValueError(f"{shown(address) or 'steps'}: nothing follows propose, hand_over or again")
        return self

    def walk(self) -> Iterator[tuple[Address, Step]]:
        """Every step with its address, from the first to the last."""
        for address, steps in self._lists():
            yield from (((*address, number), step) for number, step in enumerate(steps))

    def at(self, address: Address) -> Step | None:
        """The step at an address."""
        steps = self._list_of(address)
        number = address[-1] if address else None
        return steps[number] if steps and isinstance(number, int) and 0 <= number < len(steps) else None

    def after(self, address: Address) -> Address | None:
        """What comes next; None at the end. What follows `missing` or `refused` is the end."""
        while address:
            number = address[-1]
            following = (*address[:-1], number + 1 if isinstance(number, int) else 0)
            if self.at(following) is not None:
                return following
            if len(address) < 3 or isinstance(address[-2], str):
                return None
            address = address[:-2]
        return None

    def asking(self, slot: str) -> Address | None:
        """Where a slot is asked for first."""
        return next((address for address, step in self.walk() if step.ask == slot), None)

    def paths(self) -> frozenset[str]:
        """Everything that conditions, texts and arguments look at."""
        return frozenset(path for path, _ in self._named(list(self.walk())))

    def _list_of(self, address: Address) -> "tuple[Step, ...] | None":
        steps: tuple[Step, ...] | None = self.steps
        for number, way in zip(address[:-1:2], address[1::2], strict=False):
            if steps is None or not isinstance(number, int) or not 0 <= number < len(steps):
                return None
            steps = dict(steps[number].inner()).get(way)
        return steps

    def _lists(self) -> "Iterator[tuple[Address, tuple[Step, ...]]]":
        waiting: list[tuple[Address, tuple[Step, ...]]] = [((), self.steps)]
        while waiting:
            address, steps = waiting.pop()
            yield address, steps
            for number, step in enumerate(steps):
                waiting += [((*address, number, way), inner) for way, inner in step.inner()]

    def _named(self, steps: list[tuple[Address, Step]]) -> Iterator[tuple[str, str]]:
        for name, slot in self.slots.items():
            for text in (slot.ask, slot.invalid or ""):
                yield from ((path, f"slots.{name}") for path in texts.paths(text))
            if slot.recent:
                where = f"slots.{name}.recent"
                yield from ((path, where) for path in texts.paths(slot.recent.label))
                yield from ((path, where) for path in texts.paths_in(slot.recent.with_))
                yield from ((path, where) for path in (slot.recent.where.paths() if slot.recent.where else ()))
        for address, step in steps:
            where = f"step {shown(address)}"
            yield from ((path, where) for path in texts.paths(step.reply or ""))
            yield from ((path, where) for path in texts.paths_in(step.arguments))
            for arm in step.branch or ():
                yield from ((path, where) for path in (arm.if_.paths() if arm.if_ else ()))


def shown(address: Address) -> str:
    """An address for people, counted from 1: `4.1.2`."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in address)


def without_prefix(message: str) -> str:
    """A validator's sentence as it was written."""
    return re.sub("^Value error, ", "", message)
