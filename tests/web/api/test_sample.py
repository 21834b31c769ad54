"""The sample newsroom by the API."""

from __future__ import annotations

import pytest

from stonehand.db import Database
from stonehand.sample import loading
from tests.web.api.conftest import As


@pytest.mark.usefixtures("pipeline")
def test_the_sample_says_whether_it_is_loaded_and_goes_away(as_: As, database: Database) -> None:
    viewer = as_("viewer")
    assert viewer.get("/api/v1/sample").json() == {"loaded": False, "sources": 0}
    with database.transaction() as session:
        outlets = loading.add_outlets(session, "http://127.0.0.1:9")
    assert viewer.get("/api/v1/sample").json() == {"loaded": True, "sources": len(outlets)}
    assert viewer.post("/api/v1/sample/remove").status_code == 403
    assert as_("admin").post("/api/v1/sample/remove").json() == {"loaded": False, "sources": 0}
    assert viewer.get("/api/v1/sources").json()["items"] == []
