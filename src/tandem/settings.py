"""The operator's settings: environment variables, read once at the start. Each is documented in docs/settings.md by test.

A setting NAME that holds a secret may come from a file: NAME_FILE names it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tandem.errors import Problem


class WrongSetting(Problem):
    """A setting has a value that Tandem cannot use. The sentence says which, and what it takes."""

    status, code, title = 500, "wrong_setting", "A setting is wrong"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default. `metadata` names the variable and whether it is a secret."""

    data_dir: Path = field(default=Path("var"), metadata={"env": "TANDEM_DATA_DIR"})
    host: str = field(default="127.0.0.1", metadata={"env": "TANDEM_HOST"})
    port: int = field(default=8000, metadata={"env": "TANDEM_PORT"})
    public_url: str = field(default="", metadata={"env": "TANDEM_PUBLIC_URL"})
    database_url: str = field(default="", repr=False, metadata={"env": "TANDEM_DATABASE_URL", "secret": True})
    postgres_major: int = field(default=18, metadata={"env": "TANDEM_POSTGRES_MAJOR"})
    redis_url: str = field(default="", repr=False, metadata={"env": "TANDEM_REDIS_URL", "secret": True})
    model: str = field(default="", metadata={"env": "TANDEM_MODEL"})
    model_draft: str = field(default="", metadata={"env": "TANDEM_MODEL_DRAFT"})
    model_summarise: str = field(default="", metadata={"env": "TANDEM_MODEL_SUMMARISE"})
    model_classify: str = field(default="", metadata={"env": "TANDEM_MODEL_CLASSIFY"})
    model_judge: str = field(default="", metadata={"env": "TANDEM_MODEL_JUDGE"})
    model_rewrite: str = field(default="", metadata={"env": "TANDEM_MODEL_REWRITE"})
    model_base_url: str = field(default="", metadata={"env": "TANDEM_MODEL_BASE_URL"})
    model_api_key: str = field(default="", repr=False, metadata={"env": "TANDEM_MODEL_API_KEY", "secret": True})
    openai_api_key: str = field(default="", repr=False, metadata={"env": "TANDEM_OPENAI_API_KEY", "secret": True})
    anthropic_api_key: str = field(default="", repr=False, metadata={"env": "TANDEM_ANTHROPIC_API_KEY", "secret": True})
    google_api_key: str = field(default="", repr=False, metadata={"env": "TANDEM_GOOGLE_API_KEY", "secret": True})
    bedrock_api_key: str = field(default="", repr=False, metadata={"env": "TANDEM_BEDROCK_API_KEY", "secret": True})
    aws_access_key_id: str = field(default="", repr=False, metadata={"env": "AWS_ACCESS_KEY_ID"})
    aws_secret_access_key: str = field(
        default="", repr=False, metadata={"env": "AWS_SECRET_ACCESS_KEY", "secret": True}
    )
    aws_session_token: str = field(default="", repr=False, metadata={"env": "AWS_SESSION_TOKEN", "secret": True})
    aws_region: str = field(default="", metadata={"env": "AWS_REGION"})
    embeddings: str = field(default="minilm", metadata={"env": "TANDEM_EMBEDDINGS"})
    embeddings_before: str = field(default="", metadata={"env": "TANDEM_EMBEDDINGS_BEFORE"})
    embeddings_api_key: str = field(
        default="", repr=False, metadata={"env": "TANDEM_EMBEDDINGS_API_KEY", "secret": True}
    )
    reranker: str = field(default="", metadata={"env": "TANDEM_RERANKER"})
    reranker_api_key: str = field(default="", repr=False, metadata={"env": "TANDEM_RERANKER_API_KEY", "secret": True})
    answer_cache_s: int = field(default=600, metadata={"env": "TANDEM_ANSWER_CACHE_S"})
    rate_limits: bool = field(default=True, metadata={"env": "TANDEM_RATE_LIMITS"})
    secret_key: str = field(default="", repr=False, metadata={"env": "TANDEM_SECRET_KEY", "secret": True})
    outgoing_allow: str = field(default="", metadata={"env": "TANDEM_OUTGOING_ALLOW"})
    mail_url: str = field(default="", repr=False, metadata={"env": "TANDEM_MAIL_URL", "secret": True})
    mail_from: str = field(default="", metadata={"env": "TANDEM_MAIL_FROM"})
    source_folders: str = field(default="", metadata={"env": "TANDEM_SOURCE_FOLDERS"})
    log_level: str = field(default="info", metadata={"env": "TANDEM_LOG_LEVEL"})


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings from the environment. Raises WrongSetting with a sentence that names the variable."""
    values: dict[str, object] = {}
    for name, spec in Settings.__dataclass_fields__.items():
        variable = spec.metadata["env"]
        text = _text(environ, variable, secret=bool(spec.metadata.get("secret")))
        if text is not None:
            values[name] = _value(variable, text, spec.default)
    return Settings(**values)  # type: ignore[arg-type]


def _text(environ: Mapping[str, str], variable: str, *, secret: bool) -> str | None:
    if secret and (path := environ.get(variable + "_FILE")):
        try:
            return Path(path).read_text().strip()
        except OSError as problem:
            raise WrongSetting(f"{variable}_FILE names {path}, which cannot be read: {problem.strerror}") from problem
    text = environ.get(variable, "").strip()
    return text or None


def _value(variable: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text.lower() in ("on", "true", "1", "yes"):
            return True
        if text.lower() in ("off", "false", "0", "no"):
            return False
        raise WrongSetting(f"{variable} is {text!r}; it takes on or off")
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise WrongSetting(f"{variable} is {text!r}; it takes a whole number") from None
    return Path(text) if isinstance(default, Path) else text
