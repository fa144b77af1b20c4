"""Standard Webhooks signatures (standardwebhooks.com, symmetric, v1): who receives a request can tell that it is ours and whole.

webhook-id: act_…   webhook-timestamp: 1774000000   webhook-signature: v1,BASE64(HMAC-SHA256(secret, "id.timestamp.body"))
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

TOLERANCE_S = 300
"""How old or new a request may be for who checks it (the specification's example, and security.md T23)."""


def headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers; one signature for each secret, newest first. None at all without a secret."""
    if not secrets:
        return {}
    signatures = " ".join(f"v1,{_signature(message_id, timestamp, body, secret)}" for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def is_ours(told: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: float) -> bool:
    """Whether a request with these headers (names in lower case) was signed with one of the secrets just now."""
    message_id, timestamp = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    if abs(now - int(timestamp)) > TOLERANCE_S:
        return False
    shown = [part[3:] for part in told.get("webhook-signature", "").split(" ") if part.startswith("v1,")]
    right = [_signature(message_id, int(timestamp), body, secret) for secret in secrets]
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in shown[:10] for other in right)


def _signature(message_id: str, timestamp: int, body: bytes, secret: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
