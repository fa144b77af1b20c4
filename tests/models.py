"""A model at an address of the test's own, made as an installation makes it."""

from typing import Any

from tandem import llm
from tandem.llm import Model, Role
from tandem.settings import Settings


def model_at(spec: str, base_url: str | None, api_key: str | None = None, **more: Any) -> Model:
    """The models for drafts that these settings describe."""
    settings = Settings(model=spec, model_base_url=base_url or "", model_api_key=api_key or "", **more)
    model = llm.from_settings(settings).of(Role.DRAFT)
    assert model is not None
    return model
