"""The verbs of prompts: make, copy, edit, rename, choose, retire."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.prompts import braces, library, queries, sandbox
from stonehand.prompts.errors import BuiltInKept, PromptInvalid, PromptNotFound, PromptRetired, PromptTaken
from stonehand.prompts.library import PromptText
from stonehand.prompts.models import Prompt, PromptDefault, PromptVersion
from stonehand.prompts.purposes import purpose

LONGEST_NAME, LONGEST_NOTE = 100, 500
RESERVED = frozenset({"purposes", "rehearsals"})
"""Words that addresses use for something else."""


@dataclass(frozen=True)
class Wish:
    """A prompt to make."""

    name: str
    purpose: str
    template: str
    description: str = ""
    note: str = ""


def check(of: str, template: str) -> str:
    """A template as it is kept. Raises `TemplateInvalid`, `TemplateTooMuch`, `PromptInvalid`."""
    asked = purpose(of)
    names = {each.name: each.example for each in asked.names}
    text = template.replace("\r\n", "\n").replace("\r", "\n").strip()
    meant = braces.doubled(asked, text)
    sandbox.check(meant, names)
    if not sandbox.render(meant, names):
        raise PromptInvalid("the template says nothing when every name is filled in; say what the model shall do")
    return text


def create(session: Session, person: Person, wish: Wish) -> Prompt:
    """Make a prompt. Raises `PromptInvalid`, `TemplateInvalid`, `PromptTaken`."""
    person.require("edit")
    template = check(wish.purpose, wish.template)
    name, slug = _named(session, wish.name)
    moment = db.now(session)
    made = Prompt(
        slug=slug, name=name, purpose=wish.purpose, description=wish.description.strip()[:LONGEST_NOTE], version=1,
        made_by=person.name, created_at=moment, updated_at=moment,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except sa.exc.IntegrityError:
        raise _taken(slug) from None
    _add_version(session, made, template, wish.note, person)
    accounts.record(session, person, "added", "prompt", made.id, {"name": name})
    return made


def _named(session: Session, name: str) -> tuple[str, str]:
    name = " ".join(name.split())
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60]
    if not slug or len(name) > LONGEST_NAME:
        raise PromptInvalid(f"a prompt's name needs letters or digits and at most {LONGEST_NAME} characters")
    if slug in library.builtins() or slug in RESERVED or queries.row(session, slug):
        raise _taken(slug)
    return name, slug


def _taken(slug: str) -> PromptTaken:
    return PromptTaken(f"there is a prompt {slug!r} already; choose another name")


def _add_version(session: Session, found: Prompt, template: str, note: str, person: Person) -> None:
    session.add(
        PromptVersion(
            prompt_id=found.id, number=found.version, template=template, note=note.strip()[:LONGEST_NOTE],
            made_by=person.name, created_at=db.now(session),
        )
    )  # fmt: skip
    session.flush()


def copy(session: Session, person: Person, key: str, name: str) -> Prompt:
    """Make a prompt that says what another one, perhaps a built-in one, says. Raises as `create` does."""
    text = queries.prompt(session, key)
    wish = Wish(name, text.purpose, text.template, text.description, f"copied from {text.label}")
    return create(session, person, wish)


def edit(session: Session, person: Person, key: str, template: str, note: str = "") -> Prompt:
    """Save the next version; earlier ones never change. Raises `TemplateInvalid`, `BuiltInKept`, `PromptNotFound`."""
    person.require("edit")
    found = _own(session, key)
    session.refresh(found, with_for_update={"key_share": True})  # two edits at once take turns
    text = check(found.purpose, template)
    if text == queries.version(session, found, found.version).template:
        return found
    found.version, found.updated_at = found.version + 1, db.now(session)
    _add_version(session, found, text, note, person)
    accounts.record(session, person, "changed", "prompt", found.id, {"version": found.version})
    return found


def go_back(session: Session, person: Person, key: str, number: int) -> Prompt:
    """Save what an earlier version said as the next one. Raises `PromptNotFound`, `BuiltInKept`."""
    earlier = queries.version(session, _own(session, key), number)
    return edit(session, person, key, earlier.template, f"what version {number} said")


def _own(session: Session, key: str) -> Prompt:
    """A prompt of the house. Raises `BuiltInKept`, `PromptNotFound`."""
    if key in library.builtins():
        raise BuiltInKept(f"{key!r} is built in and cannot be changed; copy it, and change the copy")
    found = queries.row(session, key)
    if found is None:
        raise PromptNotFound(f"there is no prompt {key!r}; `stonehand prompts list` shows what there is")
    return found


def rename(session: Session, person: Person, key: str, name: str, description: str) -> Prompt:
    """Change its name and what it is for; the word that it is found by stays. Raises `PromptInvalid`, `BuiltInKept`."""
    person.require("edit")
    found = _own(session, key)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise PromptInvalid(f"a prompt's name needs 1 to {LONGEST_NAME} characters")
    found.name, found.description = name, description.strip()[:LONGEST_NOTE]
    found.updated_at = db.now(session)
    accounts.record(session, person, "renamed", "prompt", found.id, {"name": name})
    return found


def choose(session: Session, person: Person, key: str) -> PromptText:
    """Use it for its purpose wherever nobody names another. Raises `PromptNotFound`, `PromptRetired`."""
    person.require("edit")
    text = queries.prompt(session, key.partition("@")[0])
    known = None if text.is_builtin else queries.row(session, text.id)
    if known is not None and known.retired_at is not None:
        raise PromptRetired(f"“{text.name}” is retired; bring it back first")
    values = {"purpose": text.purpose, "prompt_id": text.id}
    statement = db.insert(session, PromptDefault).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["purpose"], set_={"prompt_id": text.id}))
    accounts.record(session, person, "chose", "prompt", text.id, {"purpose": text.purpose})
    return text


def retire(session: Session, person: Person, key: str) -> Prompt:
    """Offer it no longer. Where it was the one to use, the built-in one is again. Raises `BuiltInKept`."""
    person.require("edit")
    found = _own(session, key)
    found.retired_at = found.retired_at or db.now(session)
    session.execute(sa.delete(PromptDefault).where(PromptDefault.prompt_id == found.id))
    accounts.record(session, person, "retired", "prompt", found.id)
    return found


def bring_back(session: Session, person: Person, key: str) -> Prompt:
    """Offer it again. Raises `BuiltInKept`."""
    person.require("edit")
    found = _own(session, key)
    found.retired_at = None
    accounts.record(session, person, "brought back", "prompt", found.id)
    return found
