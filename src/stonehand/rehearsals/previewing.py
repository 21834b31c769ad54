"""What exactly would be sent for a prompt and a subject, and what it would cost at most."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from stonehand.comments.writing import MOST_TOKENS, WrittenComment
from stonehand.db import Session
from stonehand.drafts import prompts
from stonehand.drafts.answers import WrittenDigest, WrittenPiece, WrittenTitles
from stonehand.drafts.pieces import Brief
from stonehand.llm import configured
from stonehand.llm.prices import Message
from stonehand.prompts import purposes, service
from stonehand.prompts.library import PromptText
from stonehand.rehearsals import commenting, subjects
from stonehand.rehearsals.estimating import Estimate, estimate
from stonehand.rehearsals.subjects import Subject

SHAPES: dict[str, type[BaseModel]] = {purposes.HEADLINE: WrittenTitles, purposes.DIGEST: WrittenDigest}


@dataclass(frozen=True)
class Preview:
    """The messages as they would be sent. `can_ask` says whether a model is configured to try it with."""

    title: str
    messages: tuple[Message, ...]
    estimate: Estimate
    can_ask: bool


def preview(session: Session, prompt: PromptText, subject: Subject) -> Preview:
    """What would be sent. Raises `SubjectUnfit`, `TemplateInvalid`, `TemplateTooMuch`, and what is not found."""
    return of_brief(session, subjects.brief(session, subject, prompt))


def of_brief(session: Session, brief: Brief) -> Preview:
    """What would be sent for a brief."""
    if commenting.is_wanted(brief):
        return _of_comment(session, brief)
    used = prompts.shown(brief)
    messages = prompts.messages(used)
    shape = SHAPES.get(prompts.prompt_of(used).purpose, WrittenPiece)
    cost = estimate(session, messages, shape, prompts.max_tokens(used), used.instructions.model_id)
    return Preview(brief.title, tuple(messages), cost, configured.is_any(session))


def _of_comment(session: Session, brief: Brief) -> Preview:
    messages = commenting.messages(brief)
    cost = estimate(session, messages, WrittenComment, MOST_TOKENS, brief.instructions.model_id)
    return Preview(brief.title, tuple(messages), cost, configured.is_any(session))


def typed(prompt: PromptText, template: str) -> PromptText:
    """The prompt with a template that is only typed so far. Raises `TemplateInvalid`."""
    text = service.check(prompt.purpose, template)
    if text == prompt.template:
        return prompt
    return PromptText(prompt.id, f"{prompt.slug}, not saved", prompt.name, prompt.purpose, 0, text)
