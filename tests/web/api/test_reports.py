"""Reports over the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.reports import service
from stonehand.reports.periods import DAILY, WEEKLY, Period
from tests.reports.conftest import read, yesterday
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

REPORTS = "/api/v1/reports"


def test_a_report_is_made_and_read(as_: As, database: Database) -> None:
    read(database, 1, "Bridge closes", site="Harbour Post")
    editor, viewer = as_("editor"), as_("viewer")
    made = editor.post(REPORTS, json={"kind": "daily"})
    assert made.status_code == 202
    assert editor.post(REPORTS, json={"kind": "daily"}).json()["job_id"] is None
    run_all(database, queues=("analytics",))
    [short] = viewer.get(REPORTS, params={"kind": "daily"}).json()["items"]
    assert short["since"] == yesterday().date().isoformat()
    assert short["key_figures"]["articles.originals"] == 1
    whole = viewer.get(f"{REPORTS}/{short['id']}").json()
    outlets = [table for section in whole["sections"] for table in section["tables"] if table["key"] == "outlets"]
    assert outlets[0]["rows"] == [["Harbour Post", 1]]
    assert viewer.get(f"{REPORTS}/{short['id']}/csv", params={"section": "articles"}).text.startswith("Articles,value")


def test_parts_of_the_list_lose_nothing(as_: As, database: Database) -> None:
    monday = date(2026, 5, 11)
    with database.transaction() as session:
        for kind in (DAILY, WEEKLY):
            service.keep(session, Period(kind, monday), [])
        service.keep(session, Period(DAILY, monday + timedelta(days=1)), [])
    viewer, seen, before = as_("viewer"), [], None
    for _ in range(3):
        part = viewer.get(REPORTS, params={"limit": 1} | ({"before": before} if before else {})).json()
        seen += [(each["kind"], each["since"]) for each in part["items"]]
        before = part["next"]
    assert before is None
    assert set(seen) == {("daily", "2026-05-12"), ("daily", "2026-05-11"), ("weekly", "2026-05-11")}


def test_counts_from_elsewhere(as_: As, database: Database) -> None:
    article_id, editor = read(database, 1, "Bridge"), as_("editor")
    one = {"subject": "article", "id": article_id, "views": 3, "reads": 1}
    assert editor.post(f"{REPORTS}/counts", json={"counts": [one, one]}).status_code == 204
    gone = {"subject": "publication", "id": "nothing", "views": 1}
    assert is_problem(editor.post(f"{REPORTS}/counts", json={"counts": [one, gone]}), 404)
    assert viewer_sees(as_, article_id)["figures"] is None
    assert editor.post(f"{REPORTS}/articles/{article_id}").status_code == 202
    run_all(database, queues=("analytics",))
    assert {name: viewer_sees(as_, article_id)["figures"][name] for name in ("views", "reads")} == {
        "views": 6,
        "reads": 2,
    }


def viewer_sees(as_: As, article_id: str) -> Any:
    return as_("viewer").get(f"{REPORTS}/articles/{article_id}").json()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {"kind": "yearly"}, 422),
        ("", {"day": "soon"}, 422),
        ("", {"day": "9999-12-31"}, 422),
        ("/counts", {"counts": []}, 422),
        ("/counts", {"counts": [{"subject": "reader", "id": "x"}]}, 422),
        ("/counts", {"counts": [{"subject": "article", "id": "x", "views": -1}]}, 422),
        ("/counts", {"counts": [{"subject": "article", "id": "nothing", "views": 1}]}, 404),
        ("/articles/nothing", None, 404),
    ],
)
def test_what_cannot_be(as_: As, path: str, body: Any, status: int) -> None:
    assert is_problem(as_("editor").post(f"{REPORTS}{path}", json=body), status)
    assert is_problem(as_("viewer").post(f"{REPORTS}{path}", json=body), 403)
