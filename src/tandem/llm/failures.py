"""How asking a model can fail: one error with a kind, so that callers decide by kind and operators read a sentence.

Knows no provider. Carries no text of a prompt or a reply, ever: these errors are logged.
"""

from enum import StrEnum
from typing import ClassVar

from tandem.errors import Problem, Unavailable


class Failure(StrEnum):
    """The kinds of failure."""

    UNREACHABLE = "unreachable"  # no connection, or it closed before answering
    RATE_LIMITED = "rate_limited"  # 429: wait `retry_after`
    REFUSED = "refused"  # another 4xx: key, model or address is wrong; waiting does not help
    OVERLOADED = "overloaded"  # 5xx, or an error event in the stream
    TIMED_OUT = "timed_out"  # no first token, a silence, or too long in all
    BROKEN = "broken"  # what came is not the wire format
    CUT_OFF = "cut_off"  # the stream ended without saying that it was finished
    TOO_LONG = "too_long"  # far more text than max_tokens: Tandem stopped it
    UNAVAILABLE = "unavailable"  # every model of the chain rests after failures: nobody was asked
    OVER_BUDGET = "over_budget"  # the account may not ask for this now: nobody was asked


class ModelFailed(Unavailable):
    """The model gave no (finished) answer. Quote from the documents or hand over to a person; `kind` says why.

    `retry_after` is seconds, where the provider named them. `provider_code` is the provider's own short code
    (such as `model_not_found`), where it gave one; `provider_status` its HTTP status, where that was not 200.
    """

    code, title = "model_failed", "The language model does not answer"

    def __init__(
        self, kind: Failure, detail: str, *, retry_after: float | None = None, provider_code: str | None = None
    ) -> None:
        super().__init__(detail, kind=kind.value)
        self.kind = kind
        self.provider_status: int | None = None
        self.retry_after = retry_after
        self.provider_code = provider_code


class RealModelForbidden(Problem):
    """A test tried to call a provider on the internet. Point it at `tandem.llm.stub` instead."""

    status: ClassVar[int] = 500
    code, title = "real_model_forbidden", "Real model calls are forbidden here"


_SENTENCES = {
    Failure.UNREACHABLE: "{model}: no connection to {host}. Check the network, and its address if one is set.",
    Failure.RATE_LIMITED: "{model}: {host} says there were too many requests. Wait, or raise the limit there.",
    Failure.REFUSED: "{model}: {host} refused the request ({status}). {advice}",
    Failure.OVERLOADED: "{model}: {host} is failing or overloaded ({status}).",
    Failure.TIMED_OUT: "{model}: {host} was too slow ({advice}).",
    Failure.BROKEN: "{model}: {host} sent something that is not the expected format. Check its address.",
    Failure.CUT_OFF: "{model}: {host} stopped in the middle of the answer.",
    Failure.TOO_LONG: "{model}: {host} wrote far more than it was asked for and was stopped.",
    Failure.UNAVAILABLE: "{model}: not asked, because it failed shortly before; it is tried again after a rest.",
    Failure.OVER_BUDGET: "{model}: not asked, because what may be spent is spent.",
}

WRONG_KEY = ("api_key_invalid", "invalid_api_key")
"""Codes that say so where the status does not: Google answers 400 to a wrong key."""

_ADVICE = {
    400: "It did not accept the request: check that the model takes chat messages and is not too small for them.",
    401: "Check its key: TANDEM_MODEL_API_KEY, or the one of its provider.",
    402: "The account there has no credit left.",
    403: "Check its key: it is wrong, or may not use this model.",
    404: "Check the model's name, and its address if one is set.",
    413: "The prompt is too large for it.",
}


def failed(kind: Failure, model: str, host: str = "", *, status: int | str = "", advice: str = "") -> ModelFailed:
    """The failure of this kind with its sentence."""
    return ModelFailed(kind, _SENTENCES[kind].format(model=model, host=host, status=status, advice=advice))


def by_status(status: int, model: str, host: str, *, retry_after: float | None, code: str | None) -> ModelFailed:
    """The failure that an HTTP status other than 200 stands for."""
    kind = _kind(status)
    advice = _ADVICE.get(401 if code in WRONG_KEY else status, "Check the model's name, and its address.")
    if kind is Failure.TIMED_OUT:
        advice = f"it answered {status}"
    problem = failed(kind, model, host, status=status, advice=advice)
    problem.provider_status = status
    problem.retry_after = retry_after
    problem.provider_code = code
    return problem


def _kind(status: int) -> Failure:
    if status == 429:
        return Failure.RATE_LIMITED
    if status in (408, 504):
        return Failure.TIMED_OUT
    if status >= 500 or status == 424:  # 424: Bedrock's, when the model behind it has failed
        return Failure.OVERLOADED
    if 200 <= status < 300:
        return Failure.BROKEN
    return Failure.REFUSED
