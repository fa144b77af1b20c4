"""Secrets at rest: opened under the same key for the same tenant and field, and nowhere else."""

import base64
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem import ids
from tandem.settings import Settings, WrongSetting
from tandem.tenants.sealing import Sealer, Unsealable, open_sealer

SEALER = Sealer(bytes(32))
ACME, RIVAL = ids.new(), ids.new()


@given(secret=st.binary(max_size=200), field=st.text(max_size=20))
def test_it_opens_what_it_sealed(secret: bytes, field: str) -> None:
    field = field.encode("utf-8", "replace").decode()
    assert SEALER.open(ACME, field, SEALER.seal(ACME, field, secret)) == secret


def test_it_opens_nothing_that_was_moved_or_changed() -> None:
    sealed = SEALER.seal(ACME, "model_key", b"sk-1234")
    assert SEALER.open(ACME, "model_key", sealed) == b"sk-1234"
    for tenant_id, field, wrong, sealer in (
        (RIVAL, "model_key", sealed, SEALER),
        (ACME, "identity_secret", sealed, SEALER),
        (ACME, "model_key", sealed, Sealer(bytes([1]) * 32)),
        (ACME, "model_key", b"", SEALER),
        (ACME, "model_key", sealed[:-1], SEALER),
        (ACME, "model_key", sealed + b"\0", SEALER),
        *((ACME, "model_key", flipped(sealed, byte), SEALER) for byte in range(len(sealed))),
    ):
        with pytest.raises(Unsealable):
            sealer.open(tenant_id, field, wrong)


def test_the_same_secret_never_looks_the_same() -> None:
    assert len({SEALER.seal(ACME, "model_key", b"sk-1234") for _ in range(100)}) == 100
    assert b"sk-1234" not in SEALER.seal(ACME, "model_key", b"sk-1234")


def test_every_purpose_has_a_key_of_its_own() -> None:
    assert len({SEALER.key("seal"), SEALER.key("links"), Sealer(bytes([1]) * 32).key("seal"), bytes(32)}) == 4


def test_the_first_start_makes_a_key_that_only_the_owner_can_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    sealed = open_sealer(settings).seal(ACME, "model_key", b"sk-1234")
    assert open_sealer(settings).open(ACME, "model_key", sealed) == b"sk-1234"
    assert stat.S_IMODE((tmp_path / "new" / "secret.key").stat().st_mode) == 0o600


def test_the_operators_key_counts_and_a_short_one_is_refused(tmp_path: Path) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    assert open_sealer(Settings(data_dir=tmp_path, secret_key=key)).key("seal") != open_sealer(
        Settings(data_dir=tmp_path)
    ).key("seal")
    for short in ("secret", "c2hvcnQ=", "-"):
        with pytest.raises(WrongSetting, match="TANDEM_SECRET_KEY is too short"):
            open_sealer(Settings(data_dir=tmp_path, secret_key=short))


@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_key_in_either_base64_is_the_same_key(tmp_path: Path, alphabet: type) -> None:
    raw = b"\xfb\xff" * 16
    sealer = open_sealer(Settings(data_dir=tmp_path, secret_key=alphabet(raw).decode()))
    assert sealer.key("seal") == Sealer(raw).key("seal")


def flipped(sealed: bytes, byte: int) -> bytes:
    return sealed[:byte] + bytes([sealed[byte] ^ 1]) + sealed[byte + 1 :]
