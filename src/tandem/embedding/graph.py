"""all-MiniLM-L6-v2 as an ONNX graph, made from its weights: tokens in, one normalised vector for each text out.

Six encoder layers, then the mean over the tokens. Attention is onnxruntime's fused operator, the rest stands in plain steps:
biases it adds while it multiplies, and its SkipLayerNormalization takes five times as long as its parts. Checked against the
original in torch: cosine 1.00000. Needs the `onnx` package, which nothing else in Tandem imports.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tandem.embedding.embedder import DIMENSIONS

LAYERS, HEADS, POSITIONS = 6, 12, 512
EPSILON = 1e-12  # of the layer norms, from the model's own configuration
FUSED = "com.microsoft"  # onnxruntime's operator set

Weights = Mapping[str, NDArray[np.generic]]


class _Graph:
    """Collects nodes and constants; every method returns the name of what it has added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output


def build(weights: Weights) -> onnx.ModelProto:
    """The model: `input_ids` and `attention_mask` (batch, tokens) to `embedding` (batch, 384) and `tokens` (batch, tokens, 384)."""
    graph = _Graph()
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    hidden = _embeddings(graph, weights)
    for layer in range(LAYERS):
        hidden = _layer(graph, weights, layer, hidden)
    _mean(graph, hidden)
    graph.node("Identity", [hidden], "tokens")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", DIMENSIONS]),
        helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "tokens", DIMENSIONS]),
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    whole = helper.make_graph(graph.nodes, "minilm", inputs, outputs, graph.constants)
    return helper.make_model(whole, opset_imports=opsets, ir_version=9)


def _embeddings(graph: _Graph, weights: Weights) -> str:
    """The sum of word, position and type, normalised."""
    words = graph.constant("words", weights["embeddings.word_embeddings.weight"])
    positions = graph.constant("positions", weights["embeddings.position_embeddings.weight"][:POSITIONS])
    first_type = graph.constant("first_type", weights["embeddings.token_type_embeddings.weight"][0])
    zero, one = graph.constant("zero", np.array([0])), graph.constant("one", np.array([1]))
    word = graph.node("Gather", [words, "input_ids"], "word")
    shape = graph.node("Shape", ["input_ids"], "shape")
    length = graph.node("Gather", [shape, one], "length")
    position = graph.node("Slice", [positions, zero, length, zero], "position")
    placed = graph.node("Add", [word, position], "placed")
    typed = graph.node("Add", [placed, first_type], "typed")
    scale = graph.constant("norm_scale", weights["embeddings.LayerNorm.weight"])
    shift = graph.constant("norm_shift", weights["embeddings.LayerNorm.bias"])
    return graph.node("LayerNormalization", [typed, scale, shift], "hidden", axis=-1, epsilon=EPSILON)


def _layer(graph: _Graph, weights: Weights, layer: int, hidden: str) -> str:
    """One encoder layer: attention, then the two-step feed-forward, each added to its input and normalised."""

    def weight(name: str) -> NDArray[np.generic]:
        return weights[f"encoder.layer.{layer}.{name}"]

    def dense(name: str) -> tuple[str, str]:
        matrix = graph.constant(f"{name}.{layer}.matrix", weight(f"{name}.dense.weight").T)
        return matrix, graph.constant(f"{name}.{layer}.bias", weight(f"{name}.dense.bias"))

    def add_and_normalise(name: str, new: str, old: str, bias: str) -> str:
        scale = graph.constant(f"{name}.{layer}.scale", weight(f"{name}.LayerNorm.weight"))
        shift = graph.constant(f"{name}.{layer}.shift", weight(f"{name}.LayerNorm.bias"))
        biased = graph.node("Add", [new, bias], f"{name}.{layer}.biased")
        both = graph.node("Add", [biased, old], f"{name}.{layer}.both")
        return graph.node("LayerNormalization", [both, scale, shift], f"{name}.{layer}", axis=-1, epsilon=EPSILON)

    parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
    matrix = graph.constant(f"qkv.{layer}.matrix", np.concatenate([weight(f"{part}.weight").T for part in parts], 1))
    bias = graph.constant(f"qkv.{layer}.bias", np.concatenate([weight(f"{part}.bias") for part in parts]))
    attended = graph.node("Attention", [hidden, matrix, bias, "mask"], f"attended.{layer}", FUSED, num_heads=HEADS)
    matrix, bias = dense("attention.output")
    projected = graph.node("MatMul", [attended, matrix], f"projected.{layer}")
    middle = add_and_normalise("attention.output", projected, hidden, bias)
    matrix, bias = dense("intermediate")
    wide = graph.node("MatMul", [middle, matrix], f"wide.{layer}")
    biased = graph.node("Add", [wide, bias], f"wide.{layer}.biased")
    active = graph.node("Gelu", [biased], f"active.{layer}", FUSED)
    matrix, bias = dense("output")
    narrow = graph.node("MatMul", [active, matrix], f"narrow.{layer}")
    return add_and_normalise("output", narrow, middle, bias)


def _mean(graph: _Graph, hidden: str) -> str:
    """The sum over the real tokens, brought to length 1; dividing by their number first would change nothing."""
    second = graph.constant("second", np.array([1]))
    as_float = graph.node("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)
    row = graph.node("Unsqueeze", [as_float, second], "mask_row")
    total = graph.node("MatMul", [row, hidden], "total_row")
    flat = graph.node("Squeeze", [total, second], "total")
    return graph.node("LpNormalization", [flat], "embedding", axis=1, p=2)
