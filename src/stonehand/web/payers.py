"""What those who pay for language models are called: users, sources, models and agents, by their ids."""

from __future__ import annotations

from collections.abc import Collection

from stonehand.accounts import queries as accounts
from stonehand.db import Session
from stonehand.llm import configured
from stonehand.sources import queries as sources

NOBODY = {
    "agent": "no agent",
    "source": "no source",
    "user": "nobody in particular",
    "outcome": "still running",
}
REMOVED = "removed"


def called(session: Session, kind: str, ids: Collection[str]) -> dict[str, str]:
    """Names by id, of an `agent`, `source`, `user` or `model`; whoever is gone is called by the id."""
    wanted = [each for each in ids if each]
    found: dict[str, str] = {}
    if kind in ("model", "configuration"):
        found = configured.names_of(session, wanted)
    elif kind == "user":
        found = accounts.names(session, wanted)
    elif kind == "source":
        found = {each.id: each.title or each.url for each in sources.by_ids(session, wanted)}
    return {each: found.get(each) or each for each in wanted} | {"": NOBODY.get(kind, "")}
