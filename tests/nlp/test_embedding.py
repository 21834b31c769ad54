"""The built model computes what BERT computes, and the fallback works without it."""

from __future__ import annotations

import json
import math
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stonehand import config
from stonehand.nlp import embedding

REFERENCE = Path(__file__).with_name("reference_vectors.json")
Rows = NDArray[np.float32]
needs_model = pytest.mark.skipif(embedding.source() is None, reason="the embedding model's package is not installed")


@pytest.fixture(scope="module", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data directory for this module, so that the model is built once."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "settings", lambda: config.Settings(data_dir=folder))
        embedding.release()
        yield folder
        embedding.release()


def _reference() -> tuple[list[str], Rows]:
    stored = json.loads(REFERENCE.read_text())
    return stored["texts"], np.array(stored["vectors"], dtype=np.float32)


def _norm(rows: Rows, scale: Rows, shift: Rows) -> Rows:
    centred = rows - rows.mean(-1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12) * scale + shift)


def _bert(weights: dict[str, Rows], ids: list[int]) -> Rows:
    """The encoder in plain NumPy, written from the paper and apart from the graph."""
    gelu = np.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))))
    table = {name.removeprefix("embeddings."): value for name, value in weights.items() if name.startswith("emb")}
    rows = table["word_embeddings.weight"][ids] + table["position_embeddings.weight"][: len(ids)]
    rows = rows + table["token_type_embeddings.weight"][0]
    rows = _norm(rows, table["LayerNorm.weight"], table["LayerNorm.bias"])
    for number in range(6):

        def dense(name: str, value: Rows, layer: int = number) -> Rows:
            prefix = f"encoder.layer.{layer}.{name}"
            return value @ weights[f"{prefix}.weight"].T + weights[f"{prefix}.bias"]

        def norm(name: str, value: Rows, layer: int = number) -> Rows:
            prefix = f"encoder.layer.{layer}.{name}.LayerNorm"
            return _norm(value, weights[f"{prefix}.weight"], weights[f"{prefix}.bias"])

        query, key, value = (dense(f"attention.self.{name}", rows) for name in ("query", "key", "value"))
        mixed = np.zeros_like(rows)
        for head in range(12):
            part = slice(head * 32, head * 32 + 32)
            scores = query[:, part] @ key[:, part].T / math.sqrt(32)
            shares = np.exp(scores - scores.max(-1, keepdims=True))
            mixed[:, part] = shares / shares.sum(-1, keepdims=True) @ value[:, part]
        rows = norm("attention.output", rows + dense("attention.output.dense", mixed))
        wide = gelu(dense("intermediate.dense", rows)).astype(np.float32)
        rows = norm("output", rows + dense("output.dense", wide))
    mean = rows.mean(0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


@needs_model
def test_stored_reference_is_what_bert_computes() -> None:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    texts, stored = _reference()
    folder = embedding.source()
    assert folder is not None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    weights = load_file(folder / "model.safetensors")
    computed = np.stack([_bert(weights, tokenizer.encode(text).ids) for text in texts])
    assert (computed * stored).sum(1).min() > 0.9999


@needs_model
def test_unquantised_graph_equals_the_reference(tmp_path: Path) -> None:
    import onnxruntime
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    from stonehand.nlp import minilm_graph

    texts, stored = _reference()
    folder = embedding.source()
    assert folder is not None
    model = minilm_graph.graph(load_file(folder / "model.safetensors"), small=False)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    for text, vector in zip(texts, stored, strict=True):
        result = session.run(None, {"ids": np.array([tokenizer.encode(text).ids])})[0][0]
        assert float(result @ vector) > 0.9999


@needs_model
def test_int8_is_near_the_reference(data_dir: Path) -> None:
    texts, stored = _reference()
    made = embedding.embed(texts)
    assert made.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    cosines = (made * stored).sum(1)
    assert cosines.mean() >= 0.99
    assert cosines.min() >= 0.98
    assert [path.suffix for path in (data_dir / "models").iterdir()] == [".onnx"]


@needs_model
def test_vector_does_not_depend_on_neighbours_or_on_the_end_of_a_long_text() -> None:
    texts, _ = _reference()
    alone = embedding.embed([texts[0]])[0]
    assert np.array_equal(embedding.embed(texts)[0], alone)
    long = "flood in the valley " * 200
    assert np.array_equal(*embedding.embed([long, long + "and a wedding in the hills"]))
    assert embedding.embed([]).shape == (0, 384)
    assert embedding.embed([""]).shape == (1, 384)


@needs_model
def test_many_texts_are_read_side_by_side_and_stay_in_their_order() -> None:
    texts, _ = _reference()
    many = [*texts, *reversed(texts)]
    assert len(many) >= embedding.MANY > len(texts[:1])
    assert np.array_equal(embedding.embed(many), np.stack([embedding.embed([text])[0] for text in many]))


def _child(texts: list[str], answers: multiprocessing.Queue[list[float]]) -> None:
    answers.put([float(number) for number in embedding.embed(texts)[0][:4]])


@needs_model
def test_works_after_a_fork() -> None:
    texts, _ = _reference()
    expected = [float(number) for number in embedding.embed(texts[:1])[0][:4]]
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[list[float]] = context.Queue()
    child = context.Process(target=_child, args=(texts[:1], answers))
    child.start()
    assert answers.get(timeout=60) == expected
    child.join(30)
    assert child.exitcode == 0


def test_without_the_package_words_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "PACKAGE", "no_such_package_here")
    embedding.release()
    made = embedding.embed(["The bridge collapsed in Lyon", "A bridge in Lyon collapsed", "Cup final won by Ajax"])
    embedding.release()
    assert embedding.name() == "lexical"
    assert embedding.prepare() is None
    assert made.shape == (3, 384)
    assert made[0] @ made[1] > 0.9
    assert made[0] @ made[2] < 0.3


@needs_model
def test_a_model_that_cannot_be_built_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    monkeypatch.setattr(embedding, "source", lambda: tmp_path)
    monkeypatch.setattr(embedding, "FILE", "other.onnx")
    with pytest.raises(embedding.ModelUnbuildable, match=r"other\.onnx"):
        embedding.prepare()
