"""What a model is asked on an agent's behalf: how its pieces are to be written, and how long the question can be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from stonehand.agents.models import Agent
from stonehand.agents.wishes import LENGTHS
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.drafts import briefing, prompts
from stonehand.drafts.answers import WrittenPiece
from stonehand.drafts.gathering import LONGEST_TEXT
from stonehand.drafts.pieces import Brief, Instructions, SourceText
from stonehand.errors import Rejected
from stonehand.llm.prices import TOKENS_PER_MESSAGE, most_tokens
from stonehand.prompts.fencing import LONGEST_SOURCE

ANSWER_BYTES = 8  # of a token of the first answer, which the second question shows again
FAULTS_BYTES = 8_000  # of what is said of it there


@dataclass(frozen=True)
class Longest:
    """The most tokens of the first question, of the second, and of an answer to either."""

    first: int
    second: int
    answer: int


def instructions(agent: Agent, keyword: str) -> Instructions:
    """How the agent wants its pieces written."""
    own = {name: getattr(agent, name) for name in ("prompt_id", "model_id", "brief", "expertise", "persona", "tone")}
    return Instructions(agent_id=agent.id, keyword=keyword, words=LENGTHS[agent.length], language=agent.language, **own)


def longest(session: Session, agent: Agent, article_ids: Collection[str], title: str, keyword: str) -> Longest:
    """Of a piece about these articles, whichever of them the writer takes. No token is shorter than a byte.

    With a prompt that cannot be asked, no model is, so nothing is long.
    """
    sources = _longest_sources(session, article_ids)
    empty = tuple(replace(each, text="") for each in sources)
    brief = Brief("", "", title, "en", empty, instructions=instructions(agent, keyword))
    try:
        asked = prompts.messages(briefing.prompted(session, brief))
    except Rejected:
        return Longest(0, 0, 0)
    frame = most_tokens(asked, str(WrittenPiece.model_json_schema()))
    first = frame + sum(_most_bytes(each.text) for each in sources)
    answer = prompts.max_tokens(brief)
    return Longest(first, first + TOKENS_PER_MESSAGE + ANSWER_BYTES * answer + FAULTS_BYTES, answer)


def _longest_sources(session: Session, article_ids: Collection[str]) -> list[SourceText]:
    """Those that a question could hold, with what it shows of each beside its text."""
    texts = articles.texts(session, article_ids).values()
    most = sorted(texts, key=lambda each: -_most_bytes(each.text))[: prompts.MOST_SOURCES]
    return [
        SourceText(number, each.id, each.outlet, each.title, each.url, each.published_at, each.text[:LONGEST_TEXT])
        for number, each in enumerate(most, 1)
    ]


def _most_bytes(text: str) -> int:
    """Of what is shown of a text, whichever of its sentences are left out; what looks like a fence grows by two."""
    seen = text[: 2 * LONGEST_SOURCE]
    beyond = len(seen.encode("utf-8", "replace")) - len(seen) + 2 * seen.count("<")
    return min(len(seen), LONGEST_SOURCE) + beyond
