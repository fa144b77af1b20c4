"""The built model file: made once from the published weights, kept in a cache, trusted by the hash in its name."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tandem.embedding import weights
from tandem.embedding.embedder import CannotEmbed

RECIPE = 3  # raise it when `graph` or the quantisation changes
PREFIX = f"minilm-int8-{weights.PUBLISHED['model.safetensors'][:8]}-{RECIPE}-"


def model(cache_dir: Path) -> bytes:
    """The model, built first when the cache has none. Safe when two processes ask at once."""
    found = _find(cache_dir)
    if found is None:
        _build_apart(cache_dir)
        found = _find(cache_dir)
    if found is None:
        raise CannotEmbed(f"The embedding model in {cache_dir} does not keep its content: check that disk.")
    return found


def prepare(cache_dir: Path) -> None:
    """Build the model into the cache, unless it is there. About 4 s and 400 MB; best in a process of its own."""
    cache_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    with open(cache_dir / "minilm.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _find(cache_dir) is not None:
            return
        with tempfile.TemporaryDirectory(dir=cache_dir, prefix="minilm-") as workshop:
            built = _quantised(Path(workshop))
            name = PREFIX + hashlib.sha256(built.read_bytes()).hexdigest() + ".onnx"
            os.replace(built, cache_dir / name)


def _find(cache_dir: Path) -> bytes | None:
    for path in sorted(cache_dir.glob(f"{PREFIX}*.onnx")):
        content = path.read_bytes()
        if path.stem.removeprefix(PREFIX) == hashlib.sha256(content).hexdigest():
            return content
        path.unlink(missing_ok=True)  # changed since it was built
    return None


def _quantised(workshop: Path) -> Path:
    """The int8 model. Per channel: a whole tensor at once loses too much (cosine 0.962 against 0.9945)."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from tandem.embedding import graph

    exact, built = workshop / "exact.onnx", workshop / "int8.onnx"
    onnx.save(graph.build(weights.tensors(weights.content("model.safetensors"))), str(exact))
    quantize_dynamic(
        str(exact),
        str(built),
        weight_type=QuantType.QInt8,
        per_channel=True,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    return built


def _build_apart(cache_dir: Path) -> None:
    """Build in another process: this one need not keep the builder's memory, and is not held up by its imports."""
    command = [sys.executable, "-m", "tandem.embedding", "--cache", str(cache_dir)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise CannotEmbed(said[-1] if said else "The embedding model could not be built.")
