"""What a connector is: it lists what a source holds, page by page, and gets what an item says.

A connector decides nothing about documents; it knows one kind of server or folder. To add one, copy the file that is most
like it, change it, and name it in `connectors`.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import pydantic

from tandem.errors import Problem
from tandem.knowledge.documents import Written
from tandem.outgoing import Caps, OddAnswer, Patient, urls

Position = dict[str, Any]
"""How far a listing has come, in a form that JSON can hold: another process goes on from there."""

LISTING = Caps(bytes=64 * 1024 * 1024, seconds=60.0)
"""What a part of a listing may cost that brings the texts with it."""

Model = TypeVar("Model", bound=pydantic.BaseModel)


class Gone(Problem):
    """The item was listed, but is not there any more. It counts as removed."""

    status, code, title = 404, "gone", "It is not there any more"


class SourceMisset(Problem):
    """The source's settings or its secret do not lead anywhere. Correct them."""

    status, code, title = 422, "source_misset", "The source's settings are wrong"


@dataclass(frozen=True, slots=True)
class Content:
    """What an item says. `url`: where people read it; `audience`: narrower than the source's own, else None."""

    title: str
    written: Written
    url: str | None = None
    category: str | None = None
    audience: str | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether there is no text in it: such an item counts as not there."""
        return self.written.text is not None and not self.written.text.strip()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a source holds. `key` never changes; the same `mark` means the same content.

    `content` is there when the listing brought it; `raw` is whatever the connector needs to make it.
    """

    key: str
    url: str | None = None
    mark: str | None = None
    content: Content | None = None
    raw: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that is there and could not be read, and why. `unreachable`: because the server did not give it out."""

    key: str
    error: str
    url: str | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the listing. Not `complete`: more might be there than was found, so that nothing is concluded from its absence."""

    items: tuple[Item, ...] = ()
    failed: tuple[Failed, ...] = ()
    complete: bool = True


class Connector(Protocol):
    """One kind of source. Methods raise a Problem that an admin understands when the whole source cannot be read."""

    def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """What is there, from the beginning or from where another run was cut off."""

    def position(self) -> Position:
        """Where the listing goes on after the last page that was given out."""

    async def content(self, item: Item) -> Content:
        """What the item says. Raises Gone, or a Problem that concerns this item alone."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a connector works with: the guarded client, the source's secret, the folders that it may read, and an empty folder
    that is its own until the end of the slice."""

    patient: Patient
    room: Path
    secret: str = field(default="", repr=False)
    folders: tuple[Path, ...] = ()


def _web_address(value: str) -> str:
    try:
        return urls.read(value.strip()).text
    except Problem as problem:
        raise ValueError(problem.detail) from None


WebAddress = Annotated[str, pydantic.Field(max_length=2000), pydantic.AfterValidator(_web_address)]
"""An address in a source's settings, in its one form."""


class Settings(pydantic.BaseModel):
    """What an admin sets about a source, beside what every source has. Nothing that is not named."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Shape(pydantic.BaseModel):
    """The fields of an answer that Tandem reads; others may be there."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)


def shaped(model: type[Model], said: Any, who: str) -> Model:
    """The answer as this model. Raises OddAnswer, naming the fields that are not as they should be."""
    try:
        return model.model_validate(said)
    except pydantic.ValidationError as problem:
        fields = sorted({".".join(map(str, error["loc"])) or "the answer" for error in problem.errors()})
        raise OddAnswer(f"{who} answers in another shape than expected: {', '.join(fields[:5])}.") from None
