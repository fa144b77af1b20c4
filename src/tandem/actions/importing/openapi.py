"""OpenAPI documents (3.0 to 3.2) as proposed actions: one for each operation that takes plain arguments and JSON.

Reads text; asks nobody anything. References to other documents are not followed.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson
import yaml

from tandem.actions.definition import HEADER, PLACE, RESERVED, SLOT
from tandem.actions.importing.proposing import Imported, shortened, snake
from tandem.actions.importing.shapes import Shapes, Unfit
from tandem.errors import Malformed
from tandem.outgoing import NotAnAddress
from tandem.outgoing.urls import read as read_address

LONGEST_JSON = 10_000_000
LONGEST_YAML = 2_000_000
"""Letters: YAML is read a hundred times more slowly."""

DEEPEST_YAML = 100
MOST_OPERATIONS = 1_000
METHODS = ("get", "head", "post", "put", "patch", "delete")
READING = ("get", "head")
NOT_FOR_CUSTOMERS = ("options", "trace", "connect", "query")
ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
"""Names that every provider of models takes for an argument."""

BY_SPECIFICATION = frozenset(("accept", "content-type", "authorization"))
"""Header parameters that OpenAPI says to ignore (4.8.12 of 3.1.0)."""

OWN_HEADERS = frozenset(("idempotency-key",))


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML as OpenAPI wants it, with JSON's types: a date is a text, and Norway's `no` is one too."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":timestamp", ":bool"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


@dataclass(slots=True)
class _Input:
    """An operation's arguments, and where each goes."""

    properties: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    in_path: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, where: str, name: str, schema: dict[str, Any], *, needed: bool, default: str) -> None:
        """One more argument. Its name is the wire's, if that fits and is free."""
        plain = name if ARGUMENT.fullmatch(name) else snake(name)
        argument = next(
            (one for one in (plain, f"{where}_{plain}"[:64]) if ARGUMENT.fullmatch(one) and one not in self.properties),
            None,
        )
        place = where if argument == name else f"{where}:{name}"
        if argument is None or not re.match(PLACE, place):
            raise Unfit(f"its argument {name[:60]!r} has a name that cannot be given")
        self.properties[argument] = schema
        if needed:
            self.required.append(argument)
        if place != default:
            self.places[argument] = place
        if where == "path":
            self.in_path.append(argument)


def read(source: str | bytes | dict[str, Any], base: str | None = None) -> Imported:
    """The document's operations as proposed actions. `base` replaces the address that the document gives for its server.

    Takes up to some seconds for a long YAML text: call it off the event loop. Raises Malformed, or NotAnAddress for `base`.
    """
    document = source if isinstance(source, dict) else _parsed(source)
    if not re.fullmatch(r"3\.[0-2](\.\d+)?(-[\w.]+)?", str(document.get("openapi"))):  # YAML makes a number of 3.1
        raise _malformed("This is not an OpenAPI document of version 3.0, 3.1 or 3.2.")
    paths = document.get("paths")
    if not isinstance(paths, dict) or not paths:
        raise _malformed("The document has no paths.")
    shapes, imported = Shapes(document), Imported()
    given = _address(base) if base else None
    for count, (path, item, method, operation) in enumerate(_operations(paths, shapes, imported)):
        named = f"{method.upper()} {str(path)[:200]}"
        if count >= MOST_OPERATIONS:
            imported.passed_over.append((named, f"it and all after it: {MOST_OPERATIONS} operations are read at most."))
            break
        try:
            where = given or _server(document, item, operation)
            _propose(imported, shapes, where, str(path), method, item, operation)
        except Unfit as unfit:
            imported.passed_over.append((named, f"{unfit}."))
    _hint_at_credentials(document, imported)
    return imported.finished()


def _parsed(source: str | bytes) -> dict[str, Any]:
    if len(source) > LONGEST_JSON:
        raise _malformed("The document is too long.")
    try:
        found = orjson.loads(source)
    except orjson.JSONDecodeError:
        if len(source) > LONGEST_YAML:
            raise _malformed("The document is too long for YAML; give it as JSON.") from None
        try:
            _check_depth(source)
            found = yaml.load(source, Loader=_Loader)  # noqa: S506 (a safe loader, with fewer types)
        except (yaml.YAMLError, ValueError, RecursionError):
            raise _malformed("The document is neither JSON nor YAML.") from None
    if not isinstance(found, dict):
        raise _malformed("The document is not an OpenAPI document.")
    return found


def _check_depth(source: str | bytes) -> None:
    """Raises ValueError for what is nested so deeply that building it would overflow the C stack, and Malformed for merge keys, which
    multiply without end. Event by event nothing nests."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST_YAML:
            raise ValueError("nested too deeply")
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
            raise _malformed("The document uses YAML's merge keys (<<). Give it as JSON.")


def _operations(paths: dict[str, Any], shapes: Shapes, imported: Imported) -> Any:
    """(path, item, method, operation) of all that may be proposed; the rest is named with its reason."""
    for path, said in paths.items():
        if str(path).startswith("x-"):
            continue
        try:
            shapes.begin()
            item = shapes.whole(said)
        except Unfit as unfit:
            imported.passed_over.append((str(path)[:200], f"{unfit}."))
            continue
        for method in (name for name in item if name in METHODS):
            yield path, item, method, item[method]
        for method in (name for name in NOT_FOR_CUSTOMERS if name in item):
            reason = f"{method.upper()} is nothing that is done for a customer."
            imported.passed_over.append((f"{method.upper()} {str(path)[:200]}", reason))


def _propose(
    imported: Imported, shapes: Shapes, base: str, path: str, method: str, item: dict[str, Any], operation: object
) -> None:
    """One operation. Raises Unfit."""
    if not isinstance(operation, dict):
        raise Unfit("it is described in a way that the format does not have")
    shapes.begin()
    taken = _Input()
    for parameter in _parameters(shapes, item, operation):
        _take_parameter(shapes, taken, parameter, method)
    _take_body(shapes, taken, operation, method)
    if not path.startswith("/") or sorted(SLOT.findall(path)) != sorted(_slots(taken)):
        raise Unfit("the places in its path and its path parameters are not the same")
    try:
        read_address(base + SLOT.sub("x", path))
    except NotAnAddress as problem:
        raise Unfit(f"its address cannot be followed: {problem.detail.rstrip('.')}") from None
    request = {"method": method.upper(), "in": taken.places}
    schema = {"type": "object", "properties": taken.properties, "additionalProperties": False}
    named = operation.get("operationId")
    wanted = named if isinstance(named, str) and snake(named) else f"{method} {path}"
    imported.propose(
        wanted,
        _description(operation) or f"{method.upper()} {path}",
        reads=method in READING,
        schema=schema | ({"required": taken.required} if taken.required else {}),
        handler={"kind": "http", "url": base + path, "request": request},
        keys=tuple(taken.in_path),
    )
    _hint(imported, operation, [*taken.left_out, *shapes.left_out])


def _slots(taken: _Input) -> list[str]:
    """The names in the path that have an argument."""
    return [taken.places[argument].partition(":")[2] or argument for argument in taken.in_path]


def _parameters(shapes: Shapes, item: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The operation's parameters, and those of its path that it does not give itself."""
    found: dict[tuple[object, object], dict[str, Any]] = {}
    for several in (item.get("parameters") or [], operation.get("parameters") or []):
        if not isinstance(several, list):
            raise Unfit("its parameters are described in a way that the format does not have")
        for one in several:
            whole = shapes.whole(one)
            if not isinstance(whole.get("name"), str) or not isinstance(whole.get("in"), str):
                raise Unfit("its parameters are described in a way that the format does not have")
            found[whole["in"], whole["name"]] = whole
    return list(found.values())


def _take_parameter(shapes: Shapes, taken: _Input, said: dict[str, Any], method: str) -> None:
    where, name, needed = said["in"], said["name"], said.get("required") is True
    header = name.lower() if where == "header" else ""
    if header in BY_SPECIFICATION or header in OWN_HEADERS:
        return
    reason = _against(shapes, said)
    if reason and needed:
        raise Unfit(reason)
    if reason:
        taken.left_out.append(f"{name[:60]} ({reason})")
        return
    schema = _single(shapes, said)
    if isinstance(said.get("description"), str) and "description" not in schema:
        schema["description"] = shortened(said["description"], 200)
    taken.add(where, name, schema, needed=needed or where == "path", default="")


def _against(shapes: Shapes, said: dict[str, Any]) -> str:
    """Why a parameter cannot be an argument; empty where it can."""
    where, name = said["in"], str(said["name"])[:60]
    if where not in ("path", "query", "header"):
        return f"it takes the {where} parameter {name!r}, which Tandem does not send"
    if where == "header" and (not HEADER.fullmatch(name) or RESERVED.fullmatch(name)):
        return f"the header {name!r} is not one that an argument may set"
    if "content" in said or not isinstance(said.get("schema", {}), dict | bool):
        return f"its parameter {name!r} is a document of its own"
    usual = "form" if where == "query" else "simple"
    if said.get("style", usual) != usual or (where == "query" and said.get("explode", True) is not True):
        listed = _kinds(shapes, said) & {"array", "object"}
        if listed or said.get("style", usual) != usual:
            return f"its parameter {name!r} is written in a style that Tandem does not write"
    kinds = _kinds(shapes, said)
    if "object" in kinds or ("array" in kinds and where == "path"):
        return f"its parameter {name!r} is no single value"
    return ""


def _kinds(shapes: Shapes, said: dict[str, Any]) -> set[str]:
    """The types that a parameter may have, as far as they are said."""
    schema = shapes.schema(said.get("schema", {}))
    several = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    found: set[str] = set()
    for one in several:
        kind = one.get("type", "object" if "properties" in one else None)
        found |= set(kind) if isinstance(kind, list) else {kind} if isinstance(kind, str) else set()
    return found


def _single(shapes: Shapes, said: dict[str, Any]) -> dict[str, Any]:
    schema = shapes.schema(said.get("schema", {}))
    return schema if schema else {"type": "string"}


def _take_body(shapes: Shapes, taken: _Input, operation: dict[str, Any], method: str) -> None:
    """The members of the JSON object in the request's body, as arguments beside the others."""
    if "requestBody" not in operation:
        return
    said = shapes.whole(operation["requestBody"])
    if method in READING:
        if said.get("required") is True:
            raise Unfit(f"it wants a body with {method.upper()}")
        return
    content = said.get("content")
    kinds = list(content) if isinstance(content, dict) else []
    taking = next((kind for kind in kinds if _is_json(str(kind))), None)
    if taking is None or not isinstance(content, dict):
        raise Unfit(f"it takes {', '.join(map(str, kinds))[:100] or 'no body that it names'}, and Tandem sends JSON")
    media = shapes.whole(content[taking])
    schema = shapes.schema(media.get("schema", {}))
    if schema.get("type", "object") != "object" or not isinstance(schema.get("properties"), dict):
        raise Unfit("its body is not one object with members that it names")
    if {"anyOf", "oneOf", "if"} & schema.keys():
        raise Unfit("its body is one of several")
    needed = schema.get("required", [])
    for name, one in schema["properties"].items():
        taken.add("body", str(name), one, needed=name in needed, default="body")


def _is_json(kind: str) -> bool:
    return kind.partition(";")[0].strip().lower() in ("application/json", "application/*", "*/*")


def _server(document: dict[str, Any], item: dict[str, Any], operation: object) -> str:
    """Where the operation is served. Raises Malformed where the document does not say."""
    own = operation.get("servers") if isinstance(operation, dict) else None
    for servers in (own, item.get("servers"), document.get("servers")):
        first = servers[0] if isinstance(servers, list) and servers else None
        url = first.get("url") if isinstance(first, dict) else None
        if not isinstance(first, dict) or not isinstance(url, str):
            continue
        variables = first.get("variables")
        for name, variable in variables.items() if isinstance(variables, dict) else ():
            if isinstance(variable, dict):
                url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
        if not url.startswith(("http://", "https://")):
            break
        try:
            return _address(url)
        except NotAnAddress as problem:
            raise Unfit(f"its server's address cannot be followed: {problem.detail.rstrip('.')}") from None
    raise _malformed("The document does not say where its server is. Give the address as `base`.")


def _address(url: str) -> str:
    """The server's address without a slash at its end. Raises NotAnAddress."""
    read_address(url)
    if re.search("[?#{}]", url):
        raise NotAnAddress("The address of a server has no query, no fragment and no places to fill.")
    return url.rstrip("/")


def _description(operation: dict[str, Any]) -> str:
    said = [
        text for name in ("summary", "description") if isinstance(text := operation.get(name), str) and text.strip()
    ]
    return " ".join(text.strip() if text.strip()[-1] in ".!?" else f"{text.strip()}." for text in said)


def _hint(imported: Imported, operation: dict[str, Any], left_out: list[str]) -> None:
    name = imported.definitions[-1].name
    if operation.get("deprecated") is True:
        imported.hints.append(f"{name}: the document calls it deprecated.")
    imported.hints += [f"{name}: left out: {what}." for what in dict.fromkeys(left_out)]


def _hint_at_credentials(document: dict[str, Any], imported: Imported) -> None:
    parts = document.get("components")
    schemes = parts.get("securitySchemes") if isinstance(parts, dict) else None
    if imported.definitions and isinstance(schemes, dict) and schemes:
        named = ", ".join(shortened(str(name), 40) for name in list(schemes)[:5])
        imported.hints.append(
            f"The service asks for {named}. Tandem signs its requests instead (Standard Webhooks): let the service check that, or put "
            "something before it that adds what it asks for."
        )


def _malformed(sentence: str) -> Malformed:
    return Malformed(sentence, errors=[{"field": "document", "message": sentence}])
