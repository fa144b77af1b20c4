"""Language models behind one small interface. Nothing outside this package knows a provider, a wire or an HTTP client.

`from_settings(settings).of(Role.DRAFT)` gives a `Model` or None; `model.stream(prompt)` gives pieces of text,
`model.complete(prompt)` all of it; with `Prompt.tools` an answer may hold `calls`, which nobody has checked. Every failure
is a `ModelFailed` with a kind. Within `account.on(…)` every call is counted, and tenants' keys are used. `Redacting` keeps
personal data from any of them. `tandem.llm.stub` is a provider for tests, demos and load.
"""

from tandem.llm.account import Account, Spent
from tandem.llm.breaker import State
from tandem.llm.choose import Models, ModelState, from_settings
from tandem.llm.failures import Failure, ModelFailed, RealModelForbidden
from tandem.llm.model import (
    Called,
    Completion,
    Finish,
    Message,
    Model,
    Prompt,
    PromptMessage,
    Result,
    Stream,
    Tool,
    ToolCall,
    Usage,
)
from tandem.llm.redacting import Redacting
from tandem.llm.roles import Role

__all__ = [
    "Account",
    "Called",
    "Completion",
    "Failure",
    "Finish",
    "Message",
    "Model",
    "ModelFailed",
    "ModelState",
    "Models",
    "Prompt",
    "PromptMessage",
    "RealModelForbidden",
    "Redacting",
    "Result",
    "Role",
    "Spent",
    "State",
    "Stream",
    "Tool",
    "ToolCall",
    "Usage",
    "from_settings",
]
