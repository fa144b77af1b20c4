"""Secrets at rest: AES-256-GCM under a key of their own, bound to tenant and field.

One master key (TANDEM_SECRET_KEY, or made on the first start and kept beside the data, readable by its owner alone);
every purpose gets its own key by HKDF-SHA256 (RFC 5869).
"""

import base64
import os
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tandem.errors import Problem
from tandem.settings import Settings, WrongSetting

NONCE_BYTES = 12


class Unsealable(Problem):
    """A stored secret cannot be opened: it was written under another master key, or changed. Set it anew."""

    status, code, title = 500, "unsealable", "A stored secret cannot be opened"


class Sealer:
    """Seals and opens. Holds the master key; hand it only to what needs it."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def seal(self, tenant_id: UUID, field: str, secret: bytes) -> bytes:
        """The secret, unreadable without the master key and useless under another tenant or field."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.key("seal")).encrypt(nonce, secret, _bound(tenant_id, field))

    def open(self, tenant_id: UUID, field: str, sealed: bytes) -> bytes:
        """The secret again. Raises Unsealable."""
        try:
            return AESGCM(self.key("seal")).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(tenant_id, field)
            )
        except (InvalidTag, ValueError) as problem:  # ValueError: too short to hold a nonce
            raise Unsealable from problem

    def key(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose."""
        return HKDF(SHA256(), 32, salt=None, info=b"tandem " + purpose.encode()).derive(self._master)


def open_sealer(settings: Settings) -> Sealer:
    """The sealer under the operator's master key. Raises WrongSetting when the key is too short to be one."""
    if settings.secret_key:
        return Sealer(_decoded(settings.secret_key))
    return Sealer(_decoded(_kept(settings.data_dir / "secret.key")))


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return path.read_text().strip()


def _decoded(text: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raw = text.encode()
    if len(raw) < 32:
        raise WrongSetting("TANDEM_SECRET_KEY is too short; it takes 32 random bytes in base64")
    return raw


def _bound(tenant_id: UUID, field: str) -> bytes:
    return tenant_id.bytes + field.encode()
