"""What a page can listen to, and a cheap fingerprint that says whether it changed.

A topic is a word (`jobs`) or a word and an id (`job:0190...`). A topic without a probe counts as changed by any commit.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from stonehand import db
from stonehand.errors import Rejected

Probe = Callable[[db.Session, str], object]
TOPICS = frozenset({"jobs", "job", "stories", "story", "drafts", "sources", "channels", "limits", "comments"})
PROBES: dict[str, Probe] = {}
_FORM = re.compile(r"([a-z]+)(?::([0-9a-f-]{1,64}))?")


class TopicUnknown(Rejected):
    """There is nothing of that name to listen to."""


def check(topic: str) -> str:
    """The topic itself. Raises `TopicUnknown`."""
    found = _FORM.fullmatch(topic)
    if not found or found[1] not in TOPICS:
        raise TopicUnknown(f"{topic[:80]!r} is not a topic; choose from {', '.join(sorted(TOPICS))}")
    return topic


def event_name(topic: str) -> str:
    """The event that tells a page about `topic`; without the id, since a page shows one of a kind."""
    return "changed-" + topic.partition(":")[0]


def fingerprints(database: db.Database, wanted: frozenset[str]) -> dict[str, str]:
    """For each topic a short text that differs whenever what it shows differs."""
    with database.read() as session:
        return {topic: _fingerprint(session, topic) for topic in wanted}


def _fingerprint(session: db.Session, topic: str) -> str:
    word, _, id_ = topic.partition(":")
    probe = PROBES.get(word)
    return str(probe(session, id_)) if probe else db.new_id()
