"""From the operator's settings to a model: `openai:NAME`, `anthropic:NAME`, or none.

The heavy imports happen here and only when a model is configured: without one Tandem never loads an HTTP client.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tandem.settings import WrongSetting

if TYPE_CHECKING:
    from tandem.llm.model import Model


def from_settings(spec: str, *, base_url: str | None, api_key: str | None) -> "Model | None":
    """The model that TANDEM_MODEL, _BASE_URL and _API_KEY describe; None when `spec` is empty.

    `openai:` takes any OpenAI-compatible base URL and then needs no key. Raises WrongSetting with a sentence.
    """
    if not spec.strip():
        return None
    provider, _, model = spec.strip().partition(":")
    if not model or provider not in ("openai", "anthropic"):
        raise WrongSetting(f"TANDEM_MODEL takes openai:NAME or anthropic:NAME, and not {spec!r}.")
    if not base_url and not api_key:
        raise WrongSetting(f"TANDEM_MODEL={spec} needs TANDEM_MODEL_API_KEY, or TANDEM_MODEL_BASE_URL of a server.")
    return _remote(provider, model, _checked(base_url), api_key or None)


def _remote(provider: str, model: str, base_url: str | None, api_key: str | None) -> "Model":
    from tandem.llm import anthropic, openai
    from tandem.llm.remote import RemoteModel

    name = f"{provider}:{model}"
    if provider == "anthropic":
        base = (base_url or anthropic.BASE_URL).removesuffix("/v1")
        return RemoteModel(name, anthropic.Anthropic(model), base, api_key)
    base = base_url or openai.BASE_URL
    official = urlsplit(base).hostname == "api.openai.com"
    return RemoteModel(name, openai.OpenAI(model, official), base, api_key)


def _checked(base_url: str | None) -> str | None:
    if not base_url:
        return None
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongSetting("TANDEM_MODEL_BASE_URL takes an address that begins with http:// or https://.")
    return base_url.rstrip("/")
