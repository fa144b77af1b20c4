"""Actions proposed from what describes a service already: an OpenAPI document, or the tools of an MCP server.

Everything proposed is disabled, and nothing but reading is a look-up. Whose an order is, no document says: `hints` does.
"""

from tandem.actions.importing.proposing import Imported

__all__ = ["Imported"]
