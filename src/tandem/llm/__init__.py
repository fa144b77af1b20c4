"""Language models behind one small interface. Nothing outside this package knows a provider, a wire or an HTTP client.

`from_settings` gives a `Model` or None; `model.stream(prompt)` gives pieces of text, `model.complete(prompt)` all of
it; every failure is a `ModelFailed` with a kind. `tandem.llm.stub` is a provider for tests, demos and load.
"""

from tandem.llm.choose import from_settings
from tandem.llm.failures import Failure, ModelFailed, RealModelForbidden
from tandem.llm.model import Completion, Finish, Model, Prompt, PromptMessage, Stream, Usage

__all__ = [
    "Completion",
    "Failure",
    "Finish",
    "Model",
    "ModelFailed",
    "Prompt",
    "PromptMessage",
    "RealModelForbidden",
    "Stream",
    "Usage",
    "from_settings",
]
