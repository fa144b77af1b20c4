"""A model at an address of the test's own, made as an installation makes it."""

from typing import Any

from tandem import llm
from tandem.llm import Model, ModelFailed, Models, Role
from tandem.llm.breaker import Breaker, Permit
from tandem.llm.lines import Line
from tandem.settings import Settings


def models_at(spec: str, base_url: str | None, api_key: str | None = None, **more: Any) -> Models:
    """The models that these settings describe."""
    return llm.from_settings(Settings(model=spec, model_base_url=base_url or "", model_api_key=api_key or "", **more))


def model_at(spec: str, base_url: str | None, api_key: str | None = None, **more: Any) -> Model:
    """Those of them that are for drafts."""
    model = models_at(spec, base_url, api_key, **more).of(Role.DRAFT)
    assert model is not None
    return model


class Fearless(Breaker):
    """Lets everything through: for tests of what becomes of a turn whose model fails, however many of them fail."""

    def failed(self, permit: Permit, failure: ModelFailed) -> None:
        """Nothing was learned."""
        self.withdrawn(permit)


def fearless(asked: Models) -> None:
    """With the operator's keys these models are asked whatever happens."""
    for endpoint in asked._endpoints:
        endpoint.own = Line(endpoint.own.model, Fearless())


def woken(asked: Models) -> None:
    """With the operator's keys these models have never failed."""
    for endpoint in asked._endpoints:
        endpoint.own = Line(endpoint.own.model, Breaker())
