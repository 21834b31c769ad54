"""Verbs of drafts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Session, insert, new_id, now
from stonehand.drafts import briefing, cautions, gathering, queries, revising, shorthand, wording
from stonehand.drafts.errors import DraftBusy, NothingToQuote, RevisionOutdated, TextUnacceptable
from stonehand.drafts.events import DraftCommissioned, DraftWritten
from stonehand.drafts.models import IS_OPEN, Citation, Draft, Revision
from stonehand.drafts.pieces import Brief, Cited, Instructions, Piece, PieceText, Warned, Wish
from stonehand.drafts.states import EDITABLE, FOLLOWS, OPEN, UNFINISHED, WRITABLE, DraftState
from stonehand.drafts.wording import Heads, Wording
from stonehand.reading import queries as reading
from stonehand.stories import queries as stories

LONGEST_NOTE = 1000  # characters that are kept
OF_ONE_TIME = ("note", "most_micro", "most_tokens")  # what holds of one writing, and not of the next


def commission(session: Session, story_id: str, by: str) -> str:
    """Ask for a draft of a story. Returns its id, or the id of the open draft that the story has already."""
    story, moment = stories.story(session, story_id), now(session)
    made = session.scalar(
        insert(session, Draft)
        .values(
            id=new_id(),
            story_id=story_id,
            title=story.title,
            state=DraftState.COMMISSIONED,
            note="",
            is_sample=story.is_sample,
            created_by=by,
            created_at=moment,
            updated_at=moment,
        )
        .on_conflict_do_nothing(index_elements=["story_id"], index_where=IS_OPEN)
        .returning(Draft.id)
    )
    if made is None:
        return session.scalars(sa.select(Draft.id).where(Draft.story_id == story_id, Draft.state.in_(OPEN))).one()
    jobs.announce(session, DraftCommissioned(made))
    return str(made)


def commission_piece(session: Session, wish: Wish) -> str:
    """Ask for a piece as somebody wishes it. Returns its id, or the id of the story's open draft.

    Raises `NothingToQuote` if it is to be about nothing.
    """
    if wish.story_id:
        draft_id = commission(session, wish.story_id, wish.by)
    elif wish.article_ids:
        draft_id = _commission_about(session, wish)
    else:
        raise NothingToQuote(f"“{wish.title}” has no article to rest on; choose at least one")
    draft = queries.draft(session, draft_id)
    if draft.state == DraftState.COMMISSIONED:
        draft.agent_id = wish.instructions.agent_id or None
        draft.instructions = _told(wish.instructions)
    return draft_id


def _commission_about(session: Session, wish: Wish) -> str:
    draft_id, moment = new_id(), now(session)
    session.add(
        Draft(
            id=draft_id,
            story_id="",
            title=wish.title,
            article_ids=list(wish.article_ids),
            state=DraftState.COMMISSIONED,
            is_sample=wish.is_sample,
            created_by=wish.by,
            created_at=moment,
            updated_at=moment,
        )
    )
    session.flush()
    jobs.announce(session, DraftCommissioned(draft_id))
    return draft_id


def _told(instructions: Instructions) -> dict[str, Any]:
    """What was asked for, without what was left open."""
    left = asdict(Instructions())
    return {name: value for name, value in asdict(instructions).items() if value != left[name]}


def commission_digest(session: Session, digest_id: str, by: str) -> str:
    """Ask for the draft of a digest. Returns its id; asked again, it is the same. Raises `DigestNotFound`."""
    digest, moment = reading.digest(session, digest_id), now(session)
    row = {
        "id": new_id(),
        "story_id": "",
        "digest_id": digest_id,
        "title": digest.title,
        "state": DraftState.COMMISSIONED,
        "note": "",
    }
    facts = {"is_sample": digest.is_sample, "created_by": by, "created_at": moment, "updated_at": moment}
    insertion = insert(session, Draft).values(row | facts).on_conflict_do_nothing(index_elements=["digest_id"])
    made = session.scalar(insertion.returning(Draft.id))
    if made is None:
        return session.scalars(sa.select(Draft.id).where(Draft.digest_id == digest_id)).one()
    jobs.announce(session, DraftCommissioned(made))
    return str(made)


def brief(session: Session, draft_id: str) -> Brief:
    """What a writer needs for this draft. Raises `DraftNotFound`, or `DraftBusy` if it is not to be written."""
    draft = queries.draft(session, draft_id)
    if draft.state not in WRITABLE:
        raise DraftBusy(f"“{draft.title}” is {_words(draft.state)}, so there is nothing to write")
    return briefing.for_writing(session, draft)


def record_revision(session: Session, draft_id: str, piece: Piece, by: str) -> str:
    """Keep what was written as the next revision, ready for review. Returns its id. Raises `DraftBusy`."""
    return _record(session, draft_id, _kept_shown(session, draft_id, piece), by, WRITABLE)


def _kept_shown(session: Session, draft_id: str, piece: Piece) -> Piece:
    """A writer words the text; the picture and the categories that people chose stay."""
    present = queries.draft(session, draft_id).current_revision_id
    if present is None:
        return piece
    before = queries.revision(session, present)
    return replace(piece, image_url=before.image_url, image_alt=before.image_alt, categories=tuple(before.categories))


def edit(
    session: Session, draft_id: str, markdown: str, expected_revision_id: str, by: str, title: str | None = None
) -> str:
    """Keep a person's text as the next revision, with every sentence checked anew. Returns its id.

    What the revision says beside its text stays, and citations like `[1]` are linked. Raises what `save` raises.
    """
    draft = queries.draft(session, draft_id)
    _refuse_outdated(draft, expected_revision_id)
    before = queries.revision(session, expected_revision_id)
    if shorthand.is_typed(markdown):
        about = gathering.brief(session, draft, tuple(before.sources))
        markdown = shorthand.full(markdown, about.sources, before.language)
    worded = wording.changed(before, title, markdown, before.language)
    return save(session, draft_id, worded, expected_revision_id, by)


def save(
    session: Session, draft_id: str, worded: Wording, expected_revision_id: str, by: str, *, hand_in: bool = True
) -> str:
    """Keep a person's wording as the next revision, with every sentence checked anew. Returns its id.

    `expected_revision_id` is the revision it was made from, empty for the first. It is up for review then, or stays
    with the writers if it is not handed in. Raises `RevisionOutdated` if somebody else has saved meanwhile,
    `TextUnacceptable`, `DraftBusy`.
    """
    draft = queries.draft(session, draft_id)
    _refuse_outdated(draft, expected_revision_id)
    before = queries.revision(session, expected_revision_id) if expected_revision_id else None
    piece = revised(session, draft, worded, before)
    if before is not None and fingerprint(piece) == _of_text(before) and list(piece.sources) == before.sources:
        return before.id
    states, to = (EDITABLE, DraftState.IN_REVIEW) if hand_in else (UNFINISHED, DraftState.CHANGES_REQUESTED)
    revision_id = _record(session, draft_id, piece, by, states, expected_revision_id, to)
    # Judging meaning takes a model that only workers carry; until then words alone have judged.
    jobs.enqueue(session, "drafts.recheck", {"revision_id": revision_id}, unique_key=f"drafts.recheck:{revision_id}")
    return revision_id


def _refuse_outdated(draft: Draft, expected_revision_id: str) -> None:
    if (draft.current_revision_id or "") != expected_revision_id:
        raise RevisionOutdated("somebody has saved another revision meanwhile; compare it with yours and save again")


def _of_text(before: Revision) -> str:
    """The fingerprint of a revision, had a person just saved it: its label says so then."""
    labelled = revising.label(before.label, before.language)
    heads = wording.of(before).heads
    parts = [before.title, heads.slug, heads.excerpt, before.markdown, before.language, labelled]
    return _sealed(parts, [heads.meta_title, heads.meta_description, *heads.keywords], _shown(heads))


def revised(session: Session, draft: Draft, worded: Wording, before: Revision | None) -> Piece:
    """What a person's wording would be as a revision after `before`. Raises `TextUnacceptable`."""
    ids = worded.sources or tuple(before.sources if before else ())
    about = gathering.brief(session, draft, ids)
    _refuse_unread(set(ids) - {source.article_id for source in about.sources} - set(before.sources if before else ()))
    language = before.language if before else about.instructions.language or about.language
    same = before is not None and list(ids) == before.sources
    known = (
        [Warned(**one) for one in before.warnings if one["kind"] in cautions.OF_SOURCES] if before and same else None
    )
    earlier = before.label if before else ""
    about = replace(about, language=language)
    piece = revising.revise(about, worded.title, worded.markdown, earlier, known, heads=worded.heads)
    return replace(piece, sources=tuple(ids) or piece.sources)


def _refuse_unread(missing: set[str]) -> None:
    if missing:
        raise TextUnacceptable(f"the source {sorted(missing)[0]} is no article with a text; choose another one")


def _record(
    session: Session,
    draft_id: str,
    piece: Piece,
    by: str,
    states: Sequence[DraftState],
    expected: str | None = None,
    to: DraftState = DraftState.IN_REVIEW,
) -> str:
    revision_id, moment = new_id(), now(session)
    change = sa.update(Draft).where(Draft.id == draft_id, Draft.state.in_(states))
    if expected is not None:
        change = change.where(sa.func.coalesce(Draft.current_revision_id, "") == expected)
    changed = session.scalar(
        change.values(
            state=sa.case((Draft.state == DraftState.CORRECTING, DraftState.CORRECTING), else_=to),
            current_revision_id=revision_id,
            title=piece.title,
            writer=sa.func.coalesce(Draft.writer, piece.writer),
            note=piece.notes[:LONGEST_NOTE],
            updated_at=moment,
        ).returning(Draft.id)
    )
    if changed is None:
        state = queries.draft(session, draft_id).state
        raise DraftBusy(f"the draft is {_words(state)} now, so no new revision can be kept")
    _add_revision(session, revision_id, draft_id, piece, by)
    _add_citations(session, revision_id, piece.citations)
    if to == DraftState.IN_REVIEW:
        jobs.announce(session, DraftWritten(draft_id))
    return revision_id


def _add_revision(session: Session, revision_id: str, draft_id: str, piece: Piece, by: str) -> None:
    last = session.scalar(sa.select(sa.func.max(Revision.number)).where(Revision.draft_id == draft_id)) or 0
    session.add(
        Revision(
            id=revision_id,
            draft_id=draft_id,
            number=last + 1,
            title=piece.title,
            slug=piece.slug,
            excerpt=piece.excerpt,
            meta_title=piece.meta_title,
            meta_description=piece.meta_description,
            keywords=list(piece.keywords),
            image_url=piece.image_url,
            image_alt=piece.image_alt,
            categories=list(piece.categories),
            markdown=piece.markdown,
            language=piece.language,
            label=piece.label,
            content_sha256=fingerprint(piece),
            writer=piece.writer,
            model=piece.model,
            prompt_version=piece.prompt_version,
            provenance=briefing.accounted(session, piece),
            cost_micro=max(piece.cost_micro, briefing.spent(session).cost_micro if piece.provenance else 0),
            input_tokens=piece.input_tokens,
            output_tokens=piece.output_tokens,
            notes=piece.notes[:LONGEST_NOTE],
            sources=list(piece.sources),
            warnings=[asdict(warned) for warned in piece.warnings],
            created_at=now(session),
            created_by=by,
        )
    )
    session.flush()


def fingerprint(piece: Piece | PieceText) -> str:
    """SHA-256 of all that goes out."""
    parts = [piece.title, piece.slug, piece.excerpt, piece.markdown, piece.language, piece.label]
    return _sealed(parts, [piece.meta_title, piece.meta_description, *piece.keywords], _shown(piece))


def _shown(heads: Heads | Piece | PieceText) -> dict[str, Any]:
    """The picture and the categories, as far as there are any."""
    said = {"image_url": heads.image_url, "image_alt": heads.image_alt, "categories": list(heads.categories)}
    return {name: value for name, value in said.items() if value}


def _sealed(parts: list[str], metas: list[str], shown: dict[str, Any]) -> str:
    """Of what was approved before there were metas, or pictures, it is what it was, so that it stays approved."""
    every: list[Any] = [*parts, *(metas if any(metas) else []), *([shown] if shown else [])]
    return hashlib.sha256(json.dumps(every).encode()).hexdigest()


def _add_citations(session: Session, revision_id: str, cited: Sequence[Cited]) -> None:
    session.add_all(
        Citation(
            revision_id=revision_id,
            position=position,
            sentence_start=one.start,
            sentence_end=one.end,
            article_id=one.article_id,
            source_start=one.source_start,
            source_end=one.source_end,
            quote=one.quote,
            cosine=one.cosine,
            kind=one.kind,
        )
        for position, one in enumerate(cited)
    )
    session.flush()


def replace_check(session: Session, revision_id: str, piece: Piece) -> None:
    """Replace the citations and warnings of a revision by those of a better check. The text stays."""
    session.execute(sa.delete(Citation).where(Citation.revision_id == revision_id))
    _add_citations(session, revision_id, piece.citations)
    queries.revision(session, revision_id).warnings = [asdict(warned) for warned in piece.warnings]


def move(session: Session, draft_id: str, to: DraftState, note: str = "") -> None:
    """Bring a draft into another state. Raises `DraftNotFound`, or `DraftBusy` if its present state forbids it."""
    allowed = [state for state, following in FOLLOWS.items() if to in following]
    changed = session.scalar(
        sa.update(Draft)
        .where(Draft.id == draft_id, Draft.state.in_(allowed))
        .values(state=to, note=note[:LONGEST_NOTE], updated_at=now(session))
        .returning(Draft.id)
    )
    if changed is None:
        state = queries.draft(session, draft_id).state
        raise DraftBusy(f"the draft is {_words(state)}, so it cannot become {_words(to)}")


def shown(session: Session, draft_id: str) -> None:
    """It can be seen somewhere: what was approved is published then, however many channels say so in one moment."""
    mine = sa.update(Draft).where(Draft.id == draft_id, Draft.state == DraftState.APPROVED)
    session.execute(mine.values(state=DraftState.PUBLISHED, note="", updated_at=now(session)))


def hold(session: Session, draft_id: str) -> DraftState:
    """Let nobody else move it until this transaction ends. Returns its state. Raises `DraftNotFound`."""
    found = session.scalar(sa.select(Draft.state).where(Draft.id == draft_id).with_for_update(key_share=True))
    return DraftState(found or queries.draft(session, draft_id).state)


def rewrite(session: Session, draft_id: str) -> None:
    """Have a draft written again, after changes were requested or nothing could be written. Raises `DraftBusy`.

    The writer is told the note of whoever requested changes. What was set aside for the first time is settled by then.
    """
    draft = queries.draft(session, draft_id)
    asked = draft.note if draft.state == DraftState.CHANGES_REQUESTED else ""
    move(session, draft_id, DraftState.COMMISSIONED)
    draft.instructions = {name: value for name, value in draft.instructions.items() if name not in OF_ONE_TIME} | (
        {"note": asked} if asked else {}
    )
    jobs.announce(session, DraftCommissioned(draft_id))


def _words(state: str) -> str:
    return state.replace("_", " ")
