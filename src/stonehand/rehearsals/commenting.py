"""A prompt for comments tried on an article: the first source of a brief. Nothing becomes a comment."""

from __future__ import annotations

from typing import Any

from stonehand import config
from stonehand.comments import questions, wording, writing
from stonehand.comments.subjects import Subject
from stonehand.drafts.pieces import Brief
from stonehand.llm.payers import Payer
from stonehand.llm.prices import Message
from stonehand.prompts import library, purposes
from stonehand.prompts.library import PromptText


def is_wanted(brief: Brief) -> bool:
    """Whether the brief's prompt asks for a comment."""
    return brief.prompt is not None and brief.prompt.purpose == purposes.COMMENT


def messages(brief: Brief) -> list[Message]:
    """What would be sent. Raises `TemplateInvalid`, `TemplateTooMuch`."""
    return questions.messages(_subject(brief), _prompt(brief), config.settings().comment_min_length)


def ask(brief: Brief, payer: Payer) -> dict[str, Any]:
    """What came of asking. Raises `CommentUnusable` and what stands in the way."""
    written = writing.write(_subject(brief), _prompt(brief), payer, brief.instructions.model_id)
    disclosure = wording.disclosure_of("", written.language)
    text = wording.plain(written.html, disclosure)
    mended = [each["text"] for each in written.warnings if each["kind"] == "mended"]
    return {
        "words": len(text.split()),
        "title": brief.title,
        "markdown": f"{disclosure}\n\n" + text.replace("\n", "\n\n"),
        "warnings": [each["text"] for each in written.warnings],
        "faults": mended,
        "rounds": 1 + len(mended),
        "cost_micro": written.cost_micro,
        "model": written.model,
    }


def _prompt(brief: Brief) -> PromptText:
    return brief.prompt or library.builtin_for(purposes.COMMENT)


def _subject(brief: Brief) -> Subject:
    source = brief.sources[0]
    return Subject(
        title=source.title,
        text=source.text,
        author=source.outlet,
        url=source.url,
        published_at=source.published_at,
        language=brief.instructions.language or source.language,
    )
