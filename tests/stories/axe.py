"""Accessibility by rule: axe-core over the page as it stands, in a world of its own beside the page's scripts.

Injected through the debugger, so that the page's content policy stays as strict as it is.
"""

from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

SCRIPT = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = f"""
new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
  .then(() => axe.run(document, {{runOnly: {TAGS}, resultTypes: ["violations"]}}))
  .then(({{violations}}) =>
  violations.map(({{id, nodes}}) => `${{id}}: ${{nodes.map(({{target, failureSummary}}) =>
    `${{target.flat().join(" ")}} (${{failureSummary}})`).join("; ")}}`))
"""


_debuggers: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def violations(page: Page) -> list[str]:
    """What breaks WCAG 2.2 A or AA here and now, one line a rule."""
    debugger = _debuggers.get(page) or page.context.new_cdp_session(page)
    _debuggers[page] = debugger
    frame = debugger.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = debugger.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
    where = {"contextId": world, "awaitPromise": True, "returnByValue": True}
    if debugger.send("Runtime.evaluate", {"expression": "typeof axe", **where})["result"]["value"] == "undefined":
        debugger.send("Runtime.evaluate", {"expression": _script(), **where})  # once a document
    found = debugger.send("Runtime.evaluate", {"expression": RUN, **where})
    assert "exceptionDetails" not in found, found["exceptionDetails"]
    result: list[str] = found["result"]["value"]
    return result


@cache
def _script() -> str:
    return SCRIPT.read_text("utf-8") + ";0"
