"""A provider on loopback for tests, demos and load: speaks the OpenAI, Anthropic, Google and Bedrock wires, well or badly on command.

    async with stub.serve("good") as url: ...          # in this process
    async with stub.Stub(pace=stub.Pace(400, 60)) as provider: provider.url, provider.requests, provider.behave(...)
    python -m tandem.llm.stub --port 0 --first-token-ms 400 --tokens-per-s 60 --behaviour good

One request can ask for a behaviour by `[[behaviour:NAME]]` in its last user message. What it answers to requests that
offer tools can be scripted step by step, or left to an adversary: `provider.script({"marker": …, "steps": […]})`, see
`tandem.llm.stub.scripts`.
"""

from tandem.llm.stub.behaviours import Behaviour
from tandem.llm.stub.replies import NOT_FOUND
from tandem.llm.stub.server import Pace, Request, Stub, serve

__all__ = ["NOT_FOUND", "Behaviour", "Pace", "Request", "Stub", "serve"]
