"""Bodies that are too large are refused before anything reads them whole."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand.db import Database
from stonehand.web.bodies import LARGEST


def test_a_body_that_says_it_is_too_large(database: Database, app: FastAPI) -> None:
    answer = TestClient(app).post("/api/v1/auth/login", content=b"x" * (LARGEST + 1))
    assert answer.status_code == 413
    assert "8 MB" in answer.json()["detail"]


def test_a_body_that_turns_out_to_be_too_large(database: Database, app: FastAPI) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(10):
            yield b"x" * (LARGEST // 8)

    answer = TestClient(app).post("/api/v1/auth/login", content=pieces())
    assert answer.status_code == 413
