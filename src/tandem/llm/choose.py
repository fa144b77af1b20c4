"""From the operator's settings to models: which chain for which role, with which keys, at which addresses.

The heavy imports happen here and only when a model is configured: without one Tandem never loads an HTTP client.
"""

import re
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
    from tandem.llm.sigv4 import Signer

_REGION = re.compile(r"[a-z0-9-]+")


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
    from tandem.llm import anthropic, bedrock, google, openai
    from tandem.llm.remote import RemoteModel

    base, key = _base_url(spec, settings, first), _key(spec, settings, first)
    signer = _signer(settings) if spec.provider == "bedrock" and not key else None
    if not base and not key and not signer:
        raise WrongSetting(
            f"{spec.name} needs a key: {_OWN_KEY[spec.provider]}, or TANDEM_MODEL_API_KEY if it is the first one;"
            " or the address of a server of yours, TANDEM_MODEL_BASE_URL."
        )
    match spec.provider:
        case "anthropic":
            base = (base or anthropic.BASE_URL).removesuffix("/v1")
            return RemoteModel(spec.name, anthropic.Anthropic(spec.model), base, key)
        case "google":
            return RemoteModel(spec.name, google.Google(spec.model), base or google.BASE_URL, key)
        case "bedrock":
            base = base or bedrock.BASE_URL.format(region=_region(settings, spec))
            return RemoteModel(spec.name, bedrock.Bedrock(spec.model), base, key, signer)
        case _:
            base = base or openai.BASE_URL
            return RemoteModel(spec.name, openai.OpenAI(spec.model, openai.is_official(base)), base, key)


_OWN_KEY = {
    "openai": "TANDEM_OPENAI_API_KEY",
    "anthropic": "TANDEM_ANTHROPIC_API_KEY",
    "google": "TANDEM_GOOGLE_API_KEY",
    "bedrock": "TANDEM_BEDROCK_API_KEY, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY",
}


def _signer(settings: Settings) -> "Signer | None":
    """For Bedrock without an API key: AWS's own keys."""
    from tandem.llm.bedrock import SERVICE
    from tandem.llm.sigv4 import Keys, Signer

    if not settings.aws_access_key_id or not settings.aws_secret_access_key:
        return None
    if not settings.aws_region:
        raise WrongSetting("AWS_REGION is needed to sign requests to Bedrock, for example eu-central-1.")
    keys = Keys(settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token or None)
    return Signer(keys, settings.aws_region, SERVICE)


def _region(settings: Settings, spec: Spec) -> str:
    """Where Bedrock is asked. It stands in a host's name, so it is held to a name's letters."""
    if not _REGION.fullmatch(settings.aws_region):
        raise WrongSetting(f"{spec.name} needs AWS_REGION, for example eu-central-1, and not {settings.aws_region!r}.")
    return settings.aws_region


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
