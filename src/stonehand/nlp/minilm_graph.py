"""Builds the ONNX graph of the six-layer MiniLM sentence encoder; run as a program, it writes the int8 form.

The architecture is BERT (Devlin et al. 2019): embeddings, six layers of self-attention and feed-forward, then the mean
over the tokens of a text and its L2 norm. `onnx` is imported only here, and this module only where a graph is built.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

LAYERS, HEADS, WIDTH, EPSILON = 6, 12, 384, 1e-12
OPSET = 20
Weights = dict[str, NDArray[np.float32]]


class _Builder:
    """Collects nodes and constants; every method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.split(kind, 1, *inputs, **attributes)[0]

    def split(self, kind: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        name = f"{kind}_{len(self.nodes)}"
        outputs = [f"{name}_out{number}" for number in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, name=name, **attributes))
        return outputs

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def integers(self, *values: int) -> str:
        return self.constant("int_" + "_".join(map(str, values)), np.array(values, dtype=np.int64))

    def floating(self, name: str, value: float) -> str:
        return self.constant(name, np.array(value, dtype=np.float32))

    def dense(self, name: str, rows: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        product = self.op("MatMul", rows, self.constant(f"{name}.weight", weight.T))
        return self.op("Add", product, self.constant(f"{name}.bias", bias))

    def norm(self, name: str, rows: str, weights: Weights) -> str:
        scale = self.constant(f"{name}.scale", weights[f"{name}.weight"])
        shift = self.constant(f"{name}.shift", weights[f"{name}.bias"])
        return self.op("LayerNormalization", rows, scale, shift, axis=-1, epsilon=EPSILON)


def _words(build: _Builder, table: NDArray[np.float32], small: bool) -> str:
    """Rows of the word table; `small` keeps it as int8 with one scale per word, a quarter of the memory."""
    if not small:
        return build.op("Gather", build.constant("words", table), "ids")
    scale = np.abs(table).max(axis=1, keepdims=True) / 127 + 1e-12
    rows = build.op("Gather", build.constant("words", np.round(table / scale).astype(np.int8)), "ids")
    scales = build.op("Gather", build.constant("word_scales", scale.astype(np.float32)), "ids")
    return build.op("Mul", build.op("Cast", rows, to=TensorProto.FLOAT), scales)


def _embeddings(build: _Builder, weights: Weights, small: bool) -> str:
    words = _words(build, weights["embeddings.word_embeddings.weight"], small)
    # Every token is of type 0 here, so its type's row is folded into the positions.
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    length = build.op("Shape", "ids", start=1, end=2)
    first = build.op("Slice", build.constant("positions", positions), build.integers(0), length, build.integers(0))
    return build.norm("embeddings.LayerNorm", build.op("Add", words, first), weights)


def _heads(build: _Builder, rows: str, *order: int) -> str:
    apart = build.op("Reshape", rows, build.integers(0, 0, HEADS, WIDTH // HEADS))
    return build.op("Transpose", apart, perm=list(order))


def _attention(build: _Builder, prefix: str, rows: str, weights: Weights) -> str:
    names = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
    joined = build.dense(
        f"{prefix}.qkv",
        rows,
        np.concatenate([weights[f"{name}.weight"] for name in names]),
        np.concatenate([weights[f"{name}.bias"] for name in names]),
    )
    query, key, value = build.split("Split", 3, joined, axis=-1, num_outputs=3)
    scores = build.op("MatMul", _heads(build, query, 0, 2, 1, 3), _heads(build, key, 0, 2, 3, 1))
    scaled = build.op("Mul", scores, build.floating("scale", (WIDTH // HEADS) ** -0.5))
    shares = build.op("Softmax", scaled, axis=-1)
    mixed = build.op("Transpose", build.op("MatMul", shares, _heads(build, value, 0, 2, 1, 3)), perm=[0, 2, 1, 3])
    return build.op("Reshape", mixed, build.integers(0, 0, WIDTH))


def _layer(build: _Builder, number: int, rows: str, weights: Weights) -> str:
    prefix = f"encoder.layer.{number}"

    def dense(part: str, value: str) -> str:
        name = f"{prefix}.{part}.dense"
        return build.dense(name, value, weights[f"{name}.weight"], weights[f"{name}.bias"])

    mixed = dense("attention.output", _attention(build, prefix, rows, weights))
    rows = build.norm(f"{prefix}.attention.output.LayerNorm", build.op("Add", rows, mixed), weights)
    wide = build.op("Gelu", dense("intermediate", rows))
    return build.norm(f"{prefix}.output.LayerNorm", build.op("Add", rows, dense("output", wide)), weights)


def _pool(build: _Builder, rows: str) -> None:
    mean = build.op("ReduceMean", rows, build.integers(1), keepdims=0)
    length = build.op("ReduceL2", mean, build.integers(1), keepdims=1)
    build.nodes.append(helper.make_node("Div", [mean, length], ["vectors"], name="normalise"))


def graph(weights: Weights, small: bool) -> Any:
    """An ONNX model: int64 `ids` [texts, tokens], all of one length -> float32 `vectors` [texts, 384] of length 1.

    It knows no padding, so that the vector of a text never depends on the texts beside it.
    """
    build = _Builder()
    rows = _embeddings(build, weights, small)
    for number in range(LAYERS):
        rows = _layer(build, number, rows, weights)
    _pool(build, rows)
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])]
    body = helper.make_graph(build.nodes, "minilm", inputs, outputs, list(build.constants.values()))
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def write_int8(model: Any, target: Path) -> None:
    """Quantise the weights to int8, a scale per channel, and put the file in place in one step."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415  slow to import, only used here

    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        result = Path(folder) / target.name
        quantize_dynamic(
            model,
            result,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,  # 8-bit products saturate on processors without VNNI
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
        os.replace(result, target)


def main(weights: str, target: str) -> None:
    """Write the int8 graph of the safetensors file `weights` to the file `target`."""
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    write_int8(graph(load_file(weights), small=True), Path(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
