"""When a policy lets a text go out without a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

VERBATIM, SUPPORTED = "verbatim", "supported"
SUPPORTS = (VERBATIM, SUPPORTED)


@dataclass(frozen=True)
class Facts:
    """What a policy may judge a text by."""

    kinds: frozenset[str]
    """How its sentences stand: `verbatim`, `supported`, `unsupported`."""
    warnings: frozenset[str]
    """Their kinds."""
    words: int
    agent_id: str
    source_ids: frozenset[str]
    """Where its articles come from; an empty word among them for an article of no source."""
    by_person: bool
    is_correction: bool
    is_sample: bool
    held: bool
    """Whether a comment has to be dealt with first."""


@dataclass(frozen=True)
class Terms:
    """What a policy demands. Empty lists allow all."""

    support: str = VERBATIM
    source_ids: frozenset[str] = frozenset()
    agent_ids: frozenset[str] = frozenset()
    max_words: int = 600


def refusals(terms: Terms, facts: Facts) -> list[str]:
    """Why a person has to decide; nothing if none of it stands in the way."""
    return list(_always(facts)) + list(_by(terms, facts))


def _always(facts: Facts) -> Iterator[str]:
    if facts.is_sample:
        yield "it belongs to the sample newsroom"
    if facts.is_correction:
        yield "it is a correction"
    if facts.by_person:
        yield "a person is working on it"
    if facts.held:
        yield "a comment has to be dealt with"
    if not facts.kinds or "unsupported" in facts.kinds:
        yield "not every sentence has a source"


def _by(terms: Terms, facts: Facts) -> Iterator[str]:
    if facts.warnings - _expected(terms):
        yield "it has warnings"
    if terms.support == VERBATIM and SUPPORTED in facts.kinds:
        yield "not every sentence is word for word"
    if facts.words > terms.max_words:
        yield f"it has {facts.words} words, more than {terms.max_words}"
    if terms.source_ids and not facts.source_ids <= terms.source_ids:
        yield "it rests on another source than those allowed"
    if terms.agent_ids and facts.agent_id not in terms.agent_ids:
        yield "it is of no agent that is allowed"


def _expected(terms: Terms) -> set[str]:
    """Kinds of warnings that only say what a policy asks for: quotations, and one outlet where it names its sources."""
    return {"verbatim", "single_outlet"} if terms.source_ids else {"verbatim"}
