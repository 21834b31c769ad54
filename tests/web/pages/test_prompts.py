"""The pages of prompts, without scripts."""

from __future__ import annotations

import pytest

from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.llm import asking, configured
from stonehand.prompts import queries
from stonehand.rehearsals import queries as rehearsals
from stonehand.rehearsals import tasks as _declared  # noqa: F401
from tests.drafts import world
from tests.drafts.conftest import quick_vectors
from tests.drafts.honest import HonestModel
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

__all__ = ["quick_vectors"]


@pytest.mark.usefixtures("quick_vectors")
def test_a_prompt_is_copied_previewed_saved_compared_and_tried(
    visit: Visit, database: Database, pipeline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = visit("editor")
    with database.transaction() as session:
        story = world.story(session)
    assert "News piece" in words(ada.go("/prompts"))
    assert "is made" in words(ada.send("/prompts", key="news-piece", name="Ours"))
    ada.send("/prompts", 409, key="news-piece", name="Ours")
    ada.go("/prompts/ours")
    shown = words(ada.send("/prompts/ours/preview", template="Be {{ tone }}.", subject=f"story:{story}", tone="calm"))
    assert "Be calm." in shown
    assert "eastern pylon" in shown
    wrong = ada.send("/prompts/ours/preview", template="{{ nobody }}", subject=f"story:{story}")
    assert "Line 1: there is no name nobody" in words(wrong)
    refused = ada.send("/prompts/ours/save", 422, template="{{ nobody }}")
    assert "{{ nobody }}" in refused
    ada.send("/prompts/ours/save", template="Write well.", note="shorter")
    assert "Version 1 and version 2" in words(ada.go("/prompts/ours?old=1"))
    ada.send("/prompts/ours/versions/1/restore")
    ada.send("/prompts/ours/use")
    with database.read() as session:
        found = queries.listed(session, "ours")
        assert (found.text.version, found.is_default) == (3, True)
    assert (
        "no language model" in words(ada.send("/prompts/ours/try", template="Write.", subject=f"story:{story}")).lower()
    )
    monkeypatch.setattr(asking, "ask", HonestModel().ask)
    monkeypatch.setattr(configured, "is_any", lambda session: True)
    ada.send("/prompts/ours/try", template="Write.", subject=f"story:{story}")
    with database.read() as session:
        [tried] = rehearsals.rehearsals(session)
    assert "Waits" in words(ada.go(f"/prompts/rehearsals/{tried.id}"))
    run_all(database, queues=("generation",))
    done = words(ada.go(f"/prompts/rehearsals/{tried.id}"))
    assert "Cracked bolts close the harbour bridge" in done
    assert "100% supported" in done
    alone = {"HX-Request": "true", "HX-Target": "section#rehearsal-live"}
    block = ada.client.get(f"/prompts/rehearsals/{tried.id}", headers=alone).text
    assert block.lstrip().startswith("<section")
    assert "100% supported" in block
    ada.send("/prompts/ours/retire")
    assert "Retired" in words(ada.go("/prompts"))
    ada.go("/prompts/rehearsals/none", 404)
