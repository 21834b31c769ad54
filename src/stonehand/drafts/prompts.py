"""What a language model is told of a brief: a prompt's instruction, our rules, and the articles as data in fences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from stonehand import db
from stonehand.drafts import briefing
from stonehand.drafts.pieces import Brief, SourceText
from stonehand.llm.prices import Message
from stonehand.prompts import fencing, library
from stonehand.prompts import messages as questions
from stonehand.prompts.fencing import Material
from stonehand.prompts.library import PromptText
from stonehand.prompts.messages import Matter, StoryOf

LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "da": "Danish", "sv": "Swedish", "nb": "Norwegian", "fi": "Finnish", "cs": "Czech",
}  # fmt: skip
MOST_SOURCES = 8  # of a piece
SOURCES_A_STORY, STORIES, LONGEST_OF_DIGEST = 3, 12, 1500  # characters of a source of a digest
TOKENS, MOST_TOKENS, TOKENS_A_WORD = 2000, 16_000, 4
MOST_NAMED = 12  # faults that are told; more would not help


def prompt_of(brief: Brief) -> PromptText:
    """The prompt that asks for it."""
    return brief.prompt or library.builtin_for(briefing.purpose_of(brief))


def language_of(brief: Brief) -> str:
    """The language to write in: as was asked for, or that of the sources."""
    return brief.instructions.language or brief.language


def shown(brief: Brief) -> Brief:
    """The brief as far as a model is told: up to eight sources, or up to three for each story of a digest."""
    if not brief.sections:
        return replace(brief, sources=brief.sources[:MOST_SOURCES])
    told = [replace(each, numbers=each.numbers[:SOURCES_A_STORY]) for each in brief.sections[:STORIES]]
    wanted = {number for each in told for number in each.numbers}
    return replace(brief, sections=tuple(told), sources=tuple(each for each in brief.sources if each.number in wanted))


def messages(brief: Brief) -> list[Message]:
    """The question about what is `shown` of a brief. Raises `TemplateInvalid`, `TemplateTooMuch`."""
    longest = LONGEST_OF_DIGEST if brief.sections else fencing.LONGEST_SOURCE
    matter = Matter(
        topic=brief.title,
        sources=tuple(_material(source, longest) for source in brief.sources),
        stories=tuple(StoryOf(at, each.title, each.numbers) for at, each in enumerate(brief.sections, 1)),
        earlier=brief.earlier,
    )
    return questions.compose(prompt_of(brief), values(brief), matter)


def _material(source: SourceText, longest: int) -> Material:
    day = f"{source.published_at:%Y-%m-%d}" if source.published_at else ""
    return Material(source.number, source.outlet, source.title, day, source.text[: 2 * longest], source.language)


def values(brief: Brief) -> dict[str, Any]:
    """What the names of a template hold. All of it comes from people of the house, or from our code."""
    wish = brief.instructions
    language = language_of(brief)
    return {
        "language": LANGUAGES.get(language, f"the language with the code {language[:8]}"),
        "words": wish.words,
        "persona": wish.persona,
        "tone": wish.tone,
        "expertise": wish.expertise,
        "brief": wish.brief,
        "keyword": wish.keyword,
        "keywords": [each.strip() for each in wish.keyword.split(",") if each.strip()],
        "note": wish.note,
        "sources": len(brief.sources),
        "stories": len(brief.sections),
        "today": f"{db.utc_now():%Y-%m-%d}",
    }


def max_tokens(brief: Brief) -> int:
    """How long the answer may be, for the words that were asked for."""
    return min(MOST_TOKENS, max(TOKENS, TOKENS_A_WORD * brief.instructions.words))


def again(asked: Sequence[Message], answer: Any, faults: Sequence[str]) -> list[Message]:
    """The question once more, with what was wrong with the answer. That is data, too: it may repeat an attacker."""
    text = json.dumps(answer, ensure_ascii=False)
    word = fencing.fence([text])
    shown_again = fencing.block("earlier", word, fencing.harmless(text, word)) + "\n\n" if answer is not None else ""
    wrong = "\n".join(f"- {fault}" for fault in faults[:MOST_NAMED])
    mend = f"Your answer cannot be used as it is:\n{wrong}\nAnswer once more, with the whole JSON object."
    return [*asked, Message("user", shown_again + mend)]
