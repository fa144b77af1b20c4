"""From the operator's settings to models: which chain for which role, with which keys, at which addresses.

The heavy imports happen here and only when a model is configured: without one Tandem never loads an HTTP client.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tandem.llm import specs
from tandem.llm.breaker import State
from tandem.llm.failures import Failure
from tandem.llm.roles import Role
from tandem.llm.specs import Spec
from tandem.settings import Settings, WrongSetting

if TYPE_CHECKING:
    from tandem.llm.chain import Chain
    from tandem.llm.lines import Endpoint
    from tandem.llm.model import Model
    from tandem.llm.remote import RemoteModel


@dataclass(frozen=True, slots=True)
class ModelState:
    """How a model does with the operator's key; `since` then, and which kind of failure was the last that counted."""

    name: str
    roles: tuple[Role, ...]
    state: State
    since: datetime
    last_failure: Failure | None


class Models:
    """The models of an installation. Safe for many answers at once on one event loop."""

    def __init__(self, chains: "dict[Role, Chain]", endpoints: "dict[Endpoint, list[Spec]]") -> None:
        self._chains, self._endpoints = chains, endpoints

    def of(self, role: Role) -> "Model | None":
        """Whoever is asked for this, None where it is done without a model."""
        return self._chains.get(role)

    def names(self, role: Role) -> tuple[str, ...]:
        """The chain's models in order, such as `openai:gpt-4.1-mini`; none where it is done without a model."""
        chain = self._chains.get(role)
        return tuple(member.spec.name for member in chain.members) if chain else ()

    def states(self) -> tuple[ModelState, ...]:
        """Of each model once, in the order in which the settings name them."""
        return tuple(self._state(endpoint, used) for endpoint, used in self._endpoints.items())

    @property
    def draft_is_up(self) -> bool:
        """Whether some model may be asked for an answer now, with the keys of the account that is open here."""
        chain = self._chains.get(Role.DRAFT)
        return chain is not None and chain.is_up

    async def aclose(self) -> None:
        """Closes all connections; no model can be asked afterwards."""
        for endpoint in self._endpoints:
            await endpoint.aclose()

    def _state(self, endpoint: "Endpoint", used: list[Spec]) -> ModelState:
        breaker = endpoint.own.breaker
        roles = tuple(
            role for role, chain in self._chains.items() if any(member.spec in used for member in chain.members)
        )
        since = datetime.now(UTC) - timedelta(seconds=breaker.unchanged_s)
        return ModelState(used[0].name, roles, breaker.state, since, breaker.last_failure)


def from_settings(settings: Settings) -> Models:
    """The models that TANDEM_MODEL and its relatives describe. Raises WrongSetting with a sentence."""
    told = _chains(settings)
    if not any(told.values()):
        return Models({}, {})
    from tandem.llm.chain import Chain
    from tandem.llm.lines import Endpoint, Member

    first = next(chain for chain in told.values() if chain)[0].provider
    endpoints: dict[tuple[str | None, ...], Endpoint] = {}
    used: dict[Endpoint, list[Spec]] = {}

    def member(spec: Spec) -> Member:
        place = (spec.name, spec.base_url, spec.key_file)
        if place not in endpoints:
            endpoints[place] = Endpoint(_remote(spec, settings, first), shared=not spec.base_url and not spec.key_file)
        used.setdefault(endpoints[place], []).append(spec)
        return Member(spec, endpoints[place])

    chains = {role: Chain(role, tuple(map(member, chain))) for role, chain in told.items() if chain}
    return Models(chains, used)


def _chains(settings: Settings) -> dict[Role, tuple[Spec, ...]]:
    """Of each role; the draft's first."""
    own = {
        Role.DRAFT: settings.model_draft,
        Role.CLASSIFY: settings.model_classify,
        Role.SUMMARISE: settings.model_summarise,
        Role.JUDGE: settings.model_judge,
        Role.REWRITE: settings.model_rewrite,
    }
    told = {role: specs.chain(f"TANDEM_MODEL_{role.upper()}", text) for role, text in own.items()}
    told[Role.DRAFT] = told[Role.DRAFT] or specs.chain("TANDEM_MODEL", settings.model)
    told[Role.SUMMARISE] = told[Role.SUMMARISE] or told[Role.DRAFT]
    return told


def _remote(spec: Spec, settings: Settings, first: str) -> "RemoteModel":
    """The client of one model, with the operator's key."""
    from tandem.llm import anthropic, openai
    from tandem.llm.remote import RemoteModel

    base_url = _base_url(spec, settings, first)
    key = _key(spec, settings, first)
    if not base_url and not key:
        raise WrongSetting(
            f"{spec.name} needs a key: TANDEM_{spec.provider.upper()}_API_KEY, TANDEM_MODEL_API_KEY if it is the first,"
            " or the address of a server of yours, TANDEM_MODEL_BASE_URL."
        )
    if spec.provider == "anthropic":
        base = (base_url or anthropic.BASE_URL).removesuffix("/v1")
        return RemoteModel(spec.name, anthropic.Anthropic(spec.model), base, key)
    if spec.provider == "openai":
        base = base_url or openai.BASE_URL
        return RemoteModel(spec.name, openai.OpenAI(spec.model, openai.is_official(base)), base, key)
    raise WrongSetting(f"{spec.name}: this provider is not spoken yet.")


def _base_url(spec: Spec, settings: Settings, first: str) -> str | None:
    if spec.base_url is not None:
        return spec.base_url
    if spec.provider == first and settings.model_base_url:
        return specs.address("TANDEM_MODEL_BASE_URL", settings.model_base_url)
    return None


def _key(spec: Spec, settings: Settings, first: str) -> str | None:
    """The key that the operator has for this model."""
    if spec.key_file is not None:
        try:
            return Path(spec.key_file).read_text().strip() or None
        except OSError as problem:
            raise WrongSetting(
                f"key_file of {spec.name} is {spec.key_file}, which cannot be read: {problem.strerror}."
            ) from problem
    of_provider = {
        "openai": settings.openai_api_key,
        "anthropic": settings.anthropic_api_key,
        "google": settings.google_api_key,
        "bedrock": settings.bedrock_api_key,
    }[spec.provider]
    of_first = settings.model_api_key if spec.provider == first else ""
    return of_first or of_provider or None
