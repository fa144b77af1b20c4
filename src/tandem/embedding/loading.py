"""From the setting TANDEM_EMBEDDINGS to an embedder."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tandem.embedding.embedder import CannotEmbed, Embedder
from tandem.embedding.reranker import Reranker
from tandem.settings import Settings

if TYPE_CHECKING:
    from tandem.embedding.minilm import MiniLM

ENDPOINT = re.compile(r"openai:(?P<model>.+)@(?P<base_url>https?://\S+)")
RERANKER = re.compile(r"cohere:(?P<model>.+)@(?P<base_url>https?://\S+)")


def default_cache_dir() -> Path:
    """Where built models are kept when nobody says otherwise: the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tandem"


def load(spec: str = "minilm", cache_dir: Path | None = None, *, api_key: str = "") -> Embedder:
    """The embedder that `spec` names, ready to use.

    `minilm`: the shipped model. It is built at the first load (about 4 s) and kept in `cache_dir`; later loads take
    a quarter of a second.
    `openai:MODEL@BASE_URL`: `POST BASE_URL/embeddings` with `api_key`, asking for 384 dimensions; nothing is sent yet.
    Raises `CannotEmbed` when the spec is neither, or the model's files are not the published ones.
    """
    cache = cache_dir or default_cache_dir()
    if spec == "minilm":
        from tandem.embedding.minilm import MiniLM

        return MiniLM.load(cache)
    endpoint = ENDPOINT.fullmatch(spec)
    if endpoint is None:
        raise CannotEmbed(f"{spec!r} names no embedding model: choose `minilm` or `openai:MODEL@https://host/v1`.")
    from tandem.embedding.endpoint import Endpoint

    return Endpoint(endpoint["model"], endpoint["base_url"].rstrip("/"), api_key)


@dataclass(frozen=True, slots=True)
class Embedders:
    """The models of an installation: the one that passages are to be found by, the one before it, and the shipped one.

    `shipped` reads whatever is read token by token, on this machine, whichever model finds the passages.
    """

    chosen: Embedder
    before: Embedder | None
    shipped: "MiniLM"
    reranker: Reranker | None = None
    """Puts what was found in its own order, where the operator has one."""

    def of(self, model_name: str | None) -> Embedder | None:
        """The model of this name; None when this installation does not have it."""
        each = (self.chosen, self.before, self.shipped)
        return next((model for model in each if model is not None and model.model_name == model_name), None)

    async def aclose(self) -> None:
        """Let go of all of them."""
        if self.reranker is not None:
            await self.reranker.aclose()
        for model in {id(m): m for m in (self.chosen, self.before, self.shipped) if m is not None}.values():
            await model.aclose()


def load_all(spec: str = "minilm", before: str = "", cache_dir: Path | None = None, *, api_key: str = "") -> Embedders:
    """The models that the settings name. Raises `CannotEmbed` as `load` does."""
    from tandem.embedding.minilm import MiniLM

    shipped = MiniLM.load(cache_dir or default_cache_dir())

    def one(name: str) -> Embedder:
        return shipped if name == "minilm" else load(name, cache_dir, api_key=api_key)

    return Embedders(one(spec), one(before) if before else None, shipped)


def from_settings(settings: Settings) -> Embedders:
    """The models of this installation. Raises `CannotEmbed` when a setting names none."""
    models = load_all(settings.embeddings, settings.embeddings_before, api_key=settings.embeddings_api_key)
    if not settings.reranker:
        return models
    found = RERANKER.fullmatch(settings.reranker)
    if found is None:
        raise CannotEmbed(f"{settings.reranker!r} names no reranker: leave it empty or `cohere:MODEL@https://host/v2`.")
    return replace(models, reranker=Reranker(found["model"], found["base_url"], settings.reranker_api_key))
