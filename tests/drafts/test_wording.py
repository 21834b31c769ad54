"""What a piece says of itself follows its title and text, unless a person has said otherwise."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from stonehand.drafts import wording

OLD, NEW = "The plant will employ 900 people, it said.", "The plant will employ 90 people, it said."
NAMES = {"keywords": ["plant"], "image_url": "", "image_alt": "", "categories": [], "sources": ["a1"]}


def row(**more: Any) -> Any:
    made = {"slug": "plant-with-900-jobs", "excerpt": OLD, "meta_title": "Plant with 900 jobs", "meta_description": OLD}
    return SimpleNamespace(title="Plant with 900 jobs", markdown=OLD, **NAMES, **{**made, **more})


def test_what_was_made_of_title_and_text_is_made_anew() -> None:
    heads = wording.changed(row(), "Plant with 90 jobs", NEW, "en").heads
    assert (heads.slug, heads.excerpt) == ("", ""), "these are made when it is saved"
    assert (heads.meta_title, heads.meta_description) == ("Plant with 90 jobs", NEW)


def test_what_a_person_worded_stays() -> None:
    mine = row(meta_title="Work in Northfell", meta_description="Who will work there, and when.")
    heads = wording.changed(mine, "Plant with 90 jobs", NEW, "en").heads
    assert (heads.meta_title, heads.meta_description) == ("Work in Northfell", "Who will work there, and when.")
