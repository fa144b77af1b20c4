"""An entry of the registry: what an action is for, what it takes, who may ask for it, and within which limits.

Data, versioned; read from outside with `read`. Whatever it does not say is the safe choice.
"""

import re
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

import orjson
import pydantic

from tandem.actions import schemas
from tandem.errors import Malformed

NAME = r"^[a-z][a-z0-9_]{0,63}$"
TAKEN = frozenset({"runs", "audit", "import"})
IDENTITIES = ("anyone", "verified", "stepped_up")
"""How sure we are who the customer is, from the least to the most."""

PATH = r"^[A-Za-z_][\w-]*(\.[\w-]+)*$"
PLACE = r"^(path|query|header|body)(:[^\x00-\x20\x7f]{1,200})?$"
"""Where an argument goes, with its name there."""

SLOT = re.compile(r"\{([^{}/]{1,200})\}")
ORIGIN = re.compile(r"[^/?#]*(//[^/?#]*)?")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
RESERVED = re.compile(
    r"(accept|content|proxy|sec|tandem|webhook|x-forwarded|x-http-method|x-original|x-rewrite)-.*|accept|authorization|connection"
    r"|cookie|expect|forwarded|host|idempotency-key|keep-alive|origin|referer|te|trailer|transfer-encoding|upgrade|user-agent|via"
    r"|x-real-ip",
    re.IGNORECASE,
)
"""Headers that say who asks, how, and for whom: an argument says none of it."""

Path = Annotated[str, pydantic.Field(pattern=PATH, max_length=200)]
Text = Annotated[str, pydantic.Field(max_length=500)]
Url = Annotated[str, pydantic.Field(min_length=1, max_length=2000)]
Minor = Annotated[int, pydantic.Field(ge=0, le=10**15)]
Count = Annotated[int, pydantic.Field(ge=0, le=10**9)]


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Request(_Part):
    """How an HTTP service of its own design takes the arguments. Without this they are posted as one JSON object.

    `in`: where each argument goes, with its name there when it has another: `path`, `query:filter[status]`. What it does not name is
    in the body, or in the query where there is none. A place in the path is `{name}` in the handler's url.
    """

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    in_: dict[
        Annotated[str, pydantic.Field(min_length=1, max_length=200)], Annotated[str, pydantic.Field(pattern=PLACE)]
    ] = pydantic.Field(default_factory=dict, alias="in", max_length=100)

    @property
    def has_body(self) -> bool:
        """Whether such a request carries one."""
        return self.method not in ("GET", "HEAD")

    def place(self, argument: str) -> tuple[str, str]:
        """Where an argument goes, and what it is called there."""
        where, _, name = self.in_.get(argument, "body" if self.has_body else "query").partition(":")
        return where, name or argument

    def check(self, url: str) -> None:
        """Raises ValueError where these arguments cannot be put into a request to this address."""
        placed = [self.place(argument) for argument in self.in_]
        if len({(where, name.lower()) for where, name in placed}) < len(placed):
            raise ValueError("two arguments go to the same place")
        if not self.has_body and any(where == "body" for where, _ in placed):
            raise ValueError(f"{self.method} has no body")
        for name in (name for where, name in placed if where == "header"):
            if not HEADER.fullmatch(name) or RESERVED.fullmatch(name):
                raise ValueError(f"{name!r} is no header that an argument may set")
        path = re.split("[?#]", ORIGIN.sub("", url, count=1), maxsplit=1)[0]
        slots, wanted = SLOT.findall(path), [name for where, name in placed if where == "path"]
        if sorted(slots) != sorted(wanted) or url.count("{") + url.count("}") != 2 * len(slots):
            raise ValueError("the places {…} in the path of `url` are those of the arguments in `path`, and no others")


class Handler(_Part):
    """Who does it. `url` gets the request; see actions/handlers."""

    kind: Literal["http", "mcp", "builtin"]
    url: Url
    """An address; of a built-in one, its name."""
    tool: str | None = pydantic.Field(default=None, max_length=200)
    """The tool's name at an MCP server; the action's own when nothing else is said."""
    request: Request | None = None
    """Only of HTTP: how `url` wants to be asked. Quotes, states and undoing are always posted."""
    quote_url: Url | None = None
    """What a change would cost, without doing it."""
    status_url: Url | None = None
    """What became of the change with this key."""
    undo_url: Url | None = None
    undo_within_s: int = pydantic.Field(default=0, ge=0, le=30 * 86400)
    idempotent: bool = True
    """The backend does a change once, however often it comes with the same Idempotency-Key. Where it does not, an unknown outcome
    goes to a person unless `status_url` knows."""

    @pydantic.model_validator(mode="after")
    def _asked_as_it_can_be(self) -> Self:
        if self.request is not None:
            if self.kind != "http":
                raise ValueError("`request` is for handlers of the kind http")
            self.request.check(self.url)
        return self


class Owner(_Part):
    """What `look_up` returns at `path` for this argument must be the session's customer; without one, the argument itself."""

    argument: Path
    look_up: Annotated[str, pydantic.Field(pattern=NAME)] | None = None
    path: Path | None = None
    as_: Path | None = pydantic.Field(default=None, alias="as")
    """The look-up's name for the argument, when it has another."""

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.look_up is None) != (self.path is None):
            raise ValueError("`look_up` and `path` belong together")
        return self


class Confirm(_Part):
    """Whether the customer has to agree, on a card that the server writes."""

    required: bool = True
    above_minor: Minor | None = None
    """Only above this amount; an amount that is not known counts as above."""
    expires_s: int = pydantic.Field(default=600, ge=30, le=3600)
    """Ten minutes (security.md T12)."""


class Amount(_Part):
    """How much moves: `arguments.…` or `quote.…`; a path without either is one into the arguments."""

    from_: Path = pydantic.Field(alias="from")
    currency: str = pydantic.Field(pattern=rf"^[A-Z]{{3}}$|{PATH}", max_length=200)
    """ISO 4217, or the path where it stands."""
    unit: Literal["minor", "major"] = "minor"


class Bounds(_Part):
    """How much and how often. Windows roll: an hour, 24 hours, 30 days. None: no limit of this kind."""

    per_action_minor: Minor | None = None
    approve_above_minor: Minor | None = None
    """Above it a person has to approve."""
    second_approver_above_minor: Minor | None = None
    """Above it two have to."""
    per_customer_hour_count: Count | None = None
    per_customer_hour_sum_minor: Minor | None = None
    per_customer_day_count: Count | None = None
    per_customer_day_sum_minor: Minor | None = None
    per_customer_month_count: Count | None = None
    per_customer_month_sum_minor: Minor | None = None
    per_tenant_hour_count: Count | None = None
    per_tenant_hour_sum_minor: Minor | None = None
    per_tenant_day_count: Count | None = None
    per_tenant_day_sum_minor: Minor | None = None
    per_tenant_month_count: Count | None = None
    per_tenant_month_sum_minor: Minor | None = None


class Limits(Bounds):
    """The same for everybody, and what differs for a customer's tier."""

    by_tier: dict[Annotated[str, pydantic.Field(min_length=1, max_length=100)], Bounds] = pydantic.Field(
        default_factory=dict, max_length=50
    )

    def of_tier(self, tier: str) -> Bounds:
        """What holds for this tier: its own word where it has one."""
        own = self.by_tier.get(tier)
        return self.model_copy(update=own.model_dump(exclude_unset=True)) if own else self


class Texts(_Part):
    """What the customer reads. `{argument}`, `{amount}` and `{result.path}` are replaced literally, and nothing else is."""

    summary: Text | None = None
    done: Text | None = None
    failed: Text | None = None
    waiting: Text | None = None


class Shows(_Part):
    """What may be seen of a result: paths; None shows all, an empty list nothing. Arguments that are hidden are shown as `…`."""

    model: tuple[Path, ...] | None = None
    customer: tuple[Path, ...] | None = None
    hide_arguments: tuple[Path, ...] = ()


class Described(_Part):
    """What is said of an action, whatever its name."""

    description: str = pydantic.Field(min_length=1, max_length=2000)
    """For the model, and for whoever reads the registry."""
    kind: Literal["look_up", "change", "escalate"]
    input_schema: dict[str, Any] = pydantic.Field(default_factory=lambda: {"type": "object", "properties": {}})
    handler: Handler | None = None
    """None for `escalate`, which is Tandem's own."""
    scopes: tuple[Annotated[str, pydantic.Field(pattern=r"^[\w:.-]{1,60}$")], ...] = pydantic.Field(
        default=(), max_length=20
    )
    """What a session must be allowed: the scopes of an API key, or the claim `scope` of a customer's identity token."""
    identity: Literal["anyone", "verified", "stepped_up"] = "verified"
    owner: tuple[Owner, ...] = pydantic.Field(default=(), max_length=20)
    confirm: Confirm = Confirm()
    amount: Amount | None = None
    limits: Limits = Limits()
    texts: Texts = Texts()
    shows: Shows = Shows()
    timeout_s: float = pydantic.Field(default=10.0, gt=0, le=30)
    retries: int = pydantic.Field(default=2, ge=0, le=5)
    """Of a look-up that nobody answered. A change is never sent again but under its own key."""
    enabled: bool = True

    @pydantic.field_validator("input_schema")
    @classmethod
    def _strict(cls, schema: dict[str, Any]) -> dict[str, Any]:
        return schemas.strict(schema)

    @pydantic.field_validator("owner", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return () if value is None else (value,) if isinstance(value, dict) else value

    @pydantic.model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.handler is None) != (self.kind == "escalate"):
            raise ValueError("a look-up and a change need a handler, an escalation has none")
        if self.amount and self.amount.from_.startswith("quote.") and not (self.handler and self.handler.quote_url):
            raise ValueError("an amount out of a quote needs `handler.quote_url`")
        if self.amount is None and any(
            value is not None and name.endswith("_minor")
            for bounds in (self.limits, *self.limits.by_tier.values())
            for name, value in bounds
        ):
            raise ValueError("a limit on amounts needs `amount`")
        known = self.input_schema.get("properties", {})
        if self.handler and self.handler.request and (lost := set(self.handler.request.in_) - set(known)):
            raise ValueError(f"the request's argument {min(lost)!r} is not in the schema")
        for owner in self.owner:
            if owner.argument.split(".")[0] not in known:
                raise ValueError(f"the owner's argument {owner.argument!r} is not in the schema")
        return self

    @property
    def changes(self) -> bool:
        """Whether it changes something at the backend."""
        return self.kind == "change"

    def must_confirm(self, amount_minor: int | None) -> bool:
        """Whether the customer has to agree to this amount."""
        if self.confirm.above_minor is not None:
            return amount_minor is None or amount_minor > self.confirm.above_minor
        return self.confirm.required


class Definition(Described):
    """One action."""

    name: str = pydantic.Field(pattern=NAME)

    @pydantic.field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in TAKEN:
            raise ValueError("this name is a part of Tandem's own addresses")
        return name


def read(body: dict[str, Any]) -> Definition:
    """The definition as it came from outside. Raises Malformed, which names the fields."""
    _check_storable(body)
    try:
        return Definition.model_validate(body)
    except pydantic.ValidationError as problem:
        errors = [
            {"field": ".".join(map(str, e["loc"])) or "definition", "message": re.sub("^Value error, ", "", e["msg"])}
            for e in problem.errors()
        ]
        raise Malformed(
            "The action is malformed: " + "; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors
        ) from problem


def _check_storable(body: dict[str, Any]) -> None:
    """Raises Malformed for what is not JSON, half of a surrogate pair for one, and for what the database has no text for."""
    try:
        wrong = "holds a NUL" if b"\\u0000" in orjson.dumps(body) else None
    except (orjson.JSONEncodeError, RecursionError):
        wrong = "holds something that JSON has not"
    if wrong:
        raise Malformed(f"The action is malformed: it {wrong}.", errors=[{"field": "definition", "message": wrong}])


def stored(body: dict[str, Any]) -> Definition:
    """The definition as it was stored. Read once a version: checking its schema takes most of a millisecond."""
    return _stored(orjson.dumps(body))


@lru_cache(maxsize=1024)
def _stored(body: bytes) -> Definition:
    return Definition.model_validate(orjson.loads(body))
