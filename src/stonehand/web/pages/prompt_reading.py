"""What the pages of prompts show."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.accounts.permissions import Person
from stonehand.comments.models import FoundArticle
from stonehand.db import Session
from stonehand.drafts.models import Draft
from stonehand.llm import configured
from stonehand.prompts import comparing, purposes, queries
from stonehand.prompts.purposes import Purpose
from stonehand.prompts.queries import Listed, VersionOf
from stonehand.rehearsals import queries as rehearsals
from stonehand.stories.models import Story
from stonehand.web.pages.parts import Badge, Link
from stonehand.web.pages.prompts import (
    Choice,
    DiffLine,
    PreviewView,
    PromptLine,
    PromptsView,
    PromptView,
    PurposeView,
    VersionLine,
)
from stonehand.web.pages.rehearsal_reading import rehearsal_line

SUBJECTS = 15


def index(session: Session, person: Person) -> PromptsView:
    """The library."""
    found = queries.prompts(session, retired=True)
    return PromptsView(
        purposes=tuple(_purpose(each, found) for each in purposes.PURPOSES.values()),
        rehearsals=tuple(rehearsal_line(each) for each in rehearsals.rehearsals(session, "", 10)),
        choices=tuple(Choice(each.text.slug, each.text.name) for each in found if each.retired_at is None),
        can_edit=person.may("edit"),
    )


def _purpose(purpose: Purpose, found: list[Listed]) -> PurposeView:
    rows = tuple(_line(each) for each in found if each.text.purpose == purpose.key)
    return PurposeView(purpose.title, purpose.data, purpose.answer, rows)


def _line(each: Listed) -> PromptLine:
    text = each.text
    about = f"version {text.version}" + ("" if text.is_builtin else f", by {each.made_by}")
    return PromptLine(Link(text.name, f"/prompts/{text.slug}"), _badges(each), text.description, about)


def _badges(each: Listed) -> tuple[Badge, ...]:
    found = [Badge("Built in")] if each.text.is_builtin else []
    found += [Badge("In use", "good")] if each.is_default else []
    return (*found, Badge("Retired", "warn")) if each.retired_at else tuple(found)


def one(session: Session, person: Person, key: str, old: int = 0) -> PromptView:
    """One prompt; `old` is a version to compare with the present one. Raises `PromptNotFound`."""
    found = queries.listed(session, key)
    text, purpose = found.text, purposes.purpose(found.text.purpose)
    before = queries.prompt(session, f"{text.slug}@{old}") if old else None
    return PromptView(
        slug=text.slug,
        name=text.name,
        description=text.description,
        badges=_badges(found),
        purpose=purpose.title,
        data=purpose.data,
        answer=purpose.answer,
        names=tuple((each.name, each.what) for each in purpose.names),
        version=text.version,
        template=text.template,
        versions=tuple(_version(text.slug, each, text.version) for each in queries.versions(session, text.slug)),
        subjects=tuple(subjects(session, text.purpose)),
        others=tuple(
            Choice(each.text.slug, each.text.name)
            for each in queries.prompts(session, text.purpose)
            if each.text.slug != text.slug
        )
        + tuple(Choice(f"{text.slug}@{number}", f"version {number}") for number in range(text.version - 1, 0, -1)),
        rehearsals=tuple(rehearsal_line(each) for each in rehearsals.rehearsals(session, text.id, 10)),
        preview=PreviewView(),
        diff=tuple(DiffLine(each.kind, each.text) for each in comparing.compare(before.template, text.template))
        if before
        else (),
        diff_title=f"Version {old} and version {text.version}" if before else "",
        is_builtin=text.is_builtin,
        is_default=found.is_default,
        is_retired=found.retired_at is not None,
        can_ask=configured.is_any(session),
        can_edit=person.may("edit"),
    )


def _version(slug: str, each: VersionOf, present: int) -> VersionLine:
    here = "" if each.number == present else f"/prompts/{slug}"
    return VersionLine(
        each.number,
        each.created_at,
        each.made_by,
        each.note,
        f"{here}?old={each.number}" if here else "",
        f"{here}/versions/{each.number}/restore" if here else "",
    )


def subjects(session: Session, purpose: str, chosen: str = "") -> list[Choice]:
    """What it can be tried on: the best stories and the latest drafts, as `story:ID` and `draft:ID`."""
    found: list[tuple[str, str]] = []
    if purpose == purposes.COMMENT:
        found += _on_platforms(session)
    if purpose in (purposes.WRITE, purposes.COMMENT):
        stories = sa.select(Story.id, Story.title).where(Story.merged_into.is_(None))
        found += [
            (f"story:{id_}", title)
            for id_, title in session.execute(stories.order_by(Story.rank.desc()).limit(SUBJECTS))
        ]
    drafts = sa.select(Draft.id, Draft.title).where(Draft.current_revision_id.is_not(None))
    is_digest = Draft.digest_id.is_not(None)
    drafts = drafts.where(is_digest if purpose == purposes.DIGEST else ~is_digest)
    latest = drafts.order_by(Draft.id.desc()).limit(SUBJECTS)
    found += [(f"draft:{id_}", f"Draft: {title}") for id_, title in session.execute(latest)]
    if chosen and chosen not in {value for value, _ in found}:
        found.append((chosen, chosen.replace(":", " ")))
    return [Choice(value, words[:90], value == chosen) for value, words in found]


def _on_platforms(session: Session) -> list[tuple[str, str]]:
    """The articles that were read on platforms last."""
    wish = sa.select(FoundArticle.id, FoundArticle.title).where(FoundArticle.read_at.is_not(None))
    latest = session.execute(wish.order_by(FoundArticle.id.desc()).limit(SUBJECTS))
    return [(f"article:{id_}", title) for id_, title in latest]
