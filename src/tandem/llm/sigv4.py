"""AWS Signature Version 4: the headers that show a request to be from whoever has a secret key. Knows no service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """An access key; temporary ones have a session token."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one service in one region."""

    keys: Keys
    region: str
    service: str

    def sign(self, method: str, url: str, headers: Mapping[str, str], body: bytes, at: datetime) -> dict[str, str]:
        """The headers to add. `url` is exactly as it is sent, `at` the time in UTC; all `headers` are signed."""
        parts = urlsplit(url)
        stamp = at.strftime("%Y%m%dT%H%M%SZ")
        added = {"x-amz-date": stamp}
        if self.keys.session_token:
            added["x-amz-security-token"] = self.keys.session_token
        signed = (
            {"host": parts.netloc} | {name.lower(): " ".join(text.split()) for name, text in headers.items()} | added
        )
        names = ";".join(sorted(signed))
        request = "\n".join(
            (
                method,
                quote(parts.path or "/", safe="/~"),  # encoded once more than it is sent, as all services but S3 want
                "&".join(sorted(parts.query.split("&"))),
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                names,
                hashlib.sha256(body).hexdigest(),
            )
        )
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        text = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
        signature = hmac.new(self._key(stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
        credential = f"{self.keys.access_key_id}/{scope}"
        shown = f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        return {**added, "Authorization": shown}

    def _key(self, day: str) -> bytes:
        """For this day, region and service alone."""
        key = f"AWS4{self.keys.secret_access_key}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key
