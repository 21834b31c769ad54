"""Questions about prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.prompts import library
from stonehand.prompts.errors import PromptNotFound
from stonehand.prompts.library import PromptText
from stonehand.prompts.models import Prompt, PromptDefault, PromptVersion
from stonehand.prompts.purposes import PURPOSES, purpose

MOST = 500


@dataclass(frozen=True)
class Listed:
    """A prompt in a list. `retired_at` and `updated_at` are None of a built-in one."""

    text: PromptText
    is_default: bool
    made_by: str
    retired_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class VersionOf:
    """One version: its template, who made it and why."""

    number: int
    template: str
    note: str
    made_by: str
    created_at: datetime | None


def prompts(session: Session, of: str = "", retired: bool = False) -> list[Listed]:
    """Built-in prompts, then those of the house by name; perhaps of one purpose, perhaps with the retired ones."""
    chosen = defaults(session)
    found = [Listed(each, chosen[each.purpose] == each.id, library.BUILT_IN) for each in library.builtins().values()]
    rows = sa.select(Prompt, PromptVersion.template).join(
        PromptVersion, sa.and_(PromptVersion.prompt_id == Prompt.id, PromptVersion.number == Prompt.version)
    )
    if not retired:
        rows = rows.where(Prompt.retired_at.is_(None))
    for row, template in session.execute(rows.order_by(Prompt.name).limit(MOST)):
        default = chosen.get(row.purpose) == row.id
        found.append(Listed(_text(row, row.version, template), default, row.made_by, row.retired_at, row.updated_at))
    order = list(PURPOSES)
    wanted = [each for each in found if not of or each.text.purpose == of]
    return sorted(wanted, key=lambda each: order.index(each.text.purpose))


def defaults(session: Session) -> dict[str, str]:
    """For each purpose the id of the prompt that is used where nobody names one."""
    own = {row.purpose: row.prompt_id for row in session.scalars(sa.select(PromptDefault))}
    return {key: own.get(key) or library.builtin_for(key).id for key in PURPOSES}


def row(session: Session, key: str) -> Prompt | None:
    """A prompt of the house by id or slug; None if there is none."""
    return session.scalar(sa.select(Prompt).where(sa.or_(Prompt.id == key, Prompt.slug == key)))


def listed(session: Session, key: str) -> Listed:
    """A prompt by id or slug, with what it says now. Raises `PromptNotFound`."""
    text = prompt(session, key)
    is_default = defaults(session)[text.purpose] == text.id
    found = None if text.is_builtin else row(session, text.id)
    if found is None:
        return Listed(text, is_default, library.BUILT_IN)
    return Listed(text, is_default, found.made_by, found.retired_at, found.updated_at)


def prompt(session: Session, key: str) -> PromptText:
    """A prompt by id or slug as it is now, or a version of it: `KEY@2`. Raises `PromptNotFound`."""
    name, _, number = key.partition("@")
    wanted = _number(number)
    if name in library.builtins():
        builtin = library.builtins()[name]
        if wanted not in (None, builtin.version):
            raise PromptNotFound(f"the built-in prompt {name!r} has only version {builtin.version} here")
        return builtin
    found = row(session, name)
    if found is None:
        raise PromptNotFound(f"there is no prompt {name!r}; `stonehand prompts list` shows what there is")
    known = found.version if wanted is None else wanted
    return _text(found, known, version(session, found, known).template)


def _number(text: str) -> int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 8 else 0


def _text(found: Prompt, number: int, template: str) -> PromptText:
    return PromptText(found.id, found.slug, found.name, found.purpose, number, template, found.description)


def version(session: Session, found: Prompt, number: int) -> PromptVersion:
    """One version. Raises `PromptNotFound`."""
    said = session.get(PromptVersion, (found.id, number))
    if said is None:
        raise PromptNotFound(f"the prompt {found.slug!r} has no version {number}")
    return said


def versions(session: Session, key: str) -> Sequence[VersionOf]:
    """Every version, the newest first. Raises `PromptNotFound`."""
    text = prompt(session, key)
    if text.is_builtin:
        return [VersionOf(text.version, text.template, "", library.BUILT_IN, None)]
    wish = sa.select(PromptVersion).where(PromptVersion.prompt_id == text.id)
    found = session.scalars(wish.order_by(PromptVersion.number.desc()).limit(MOST))
    return [VersionOf(each.number, each.template, each.note, each.made_by, each.created_at) for each in found]


def chosen(session: Session, of: str, prompt_id: str = "") -> tuple[PromptText, str]:
    """The prompt to use for a purpose, and in words why it is not the one that was named, if so."""
    asked = purpose(of)
    if not prompt_id:
        return prompt(session, defaults(session)[of]), ""
    try:
        found = prompt(session, prompt_id)
    except PromptNotFound as error:
        return prompt(session, defaults(session)[of]), f"{error}, so another was used"
    if found.purpose != of:
        return prompt(session, defaults(session)[of]), ""  # an agent's prompt is for its pieces, not for rewrites
    known = None if found.is_builtin else row(session, found.id)
    if known is not None and known.retired_at is not None:
        said = f"the prompt “{found.name}” is retired, so another was used to {asked.title.lower()}"
        return prompt(session, defaults(session)[of]), said
    return found, ""
