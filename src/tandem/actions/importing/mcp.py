"""The tools of an MCP server as proposed actions. What a server says of its tools is its own word, and an admin's to believe."""

from collections.abc import Iterable, Sequence
from typing import Any

from tandem.actions.handlers import mcp
from tandem.actions.handlers.mcp import Tool
from tandem.actions.importing.proposing import Imported
from tandem.actions.importing.shapes import Shapes, Unfit
from tandem.outgoing import Client


async def bring(client: Client, url: str, secrets: Sequence[bytes] = ()) -> Imported:
    """The tools that the server at `url` lists now. Raises as handlers.mcp.tools does."""
    return read(url, await mcp.tools(client, url, secrets))


def read(url: str, tools: Iterable[Tool]) -> Imported:
    """These tools as proposed actions: look-ups where the server says that they only read, else changes."""
    imported, seen = Imported(), 0
    for tool in tools:
        seen += 1
        try:
            _propose(imported, url, tool)
        except Unfit as unfit:
            imported.passed_over.append((tool.name[:200], f"{unfit}."))
    if seen >= mcp.MOST_TOOLS:
        imported.passed_over.append(("all after it", f"{mcp.MOST_TOOLS} tools are read at most."))
    return imported.finished()


def _propose(imported: Imported, url: str, tool: Tool) -> None:
    shapes = Shapes(tool.input_schema)
    schema: dict[str, Any] = shapes.schema(tool.input_schema)
    if schema.get("type", "object") != "object":
        raise Unfit("its input is not an object")
    handler = {"kind": "mcp", "url": url, "tool": tool.name}
    closed = {"properties": {}, **schema, "type": "object", "additionalProperties": False}
    closed.pop("description", None)
    imported.propose(tool.name, tool.description, reads=tool.reads, schema=closed, handler=handler)
    name = imported.definitions[-1].name
    imported.hints += [f"{name}: left out: {what}." for what in dict.fromkeys(shapes.left_out)]
