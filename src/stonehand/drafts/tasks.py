"""Jobs of drafts."""

from __future__ import annotations

from dataclasses import replace

from stonehand import config
from stonehand.db import now
from stonehand.drafts import briefing, choosing, gathering, queries, revising, service
from stonehand.drafts.errors import NothingToQuote
from stonehand.drafts.states import DraftState
from stonehand.jobs import Attempt, task

DESK = "desk"
"""Who commissions and writes when nobody asked."""


@task("drafts.commission_top", queue="generation", role="editor")
def commission_top(attempt: Attempt) -> None:
    """Keep the desk supplied: commission drafts of the best stories that never had one."""
    with attempt.finish() as session:
        room = config.settings().drafts_waiting - queries.waiting(session)
        ranked = gathering.choices(session) if room > 0 else []
        for story_id in choosing.choose(ranked, room, now(session)):
            service.commission(session, story_id, DESK)


@task("drafts.commission_digest", queue="generation")
def commission_digest(attempt: Attempt, digest_id: str) -> None:
    """Ask for the draft of a digest whose stories were chosen."""
    with attempt.finish() as session:
        service.commission_digest(session, digest_id, DESK)


@task("drafts.write", queue="generation")
def write(attempt: Attempt, draft_id: str) -> None:
    """Write a draft that was commissioned."""
    from stonehand.drafts import writing  # noqa: PLC0415  arrays and models only where something is written

    with attempt.read() as session:
        brief = service.brief(session, draft_id)
    try:
        piece = writing.write(brief)
    except NothingToQuote as error:
        with attempt.finish() as session:
            service.move(session, draft_id, DraftState.FAILED, str(error))
        return
    with attempt.finish() as session:
        cost = briefing.spent(session)
        counted = replace(piece, input_tokens=cost.input_tokens, output_tokens=cost.output_tokens)
        service.record_revision(session, draft_id, counted, DESK)


@task("drafts.recheck", queue="generation")
def recheck(attempt: Attempt, revision_id: str) -> None:
    """Check a person's revision again, now with closeness of meaning."""
    from stonehand.nlp import embedding  # noqa: PLC0415  as in `write`

    with attempt.read() as session:
        revision = queries.revision(session, revision_id)
        brief = gathering.brief(session, queries.draft(session, revision.draft_id), revision.sources)
    piece = revising.revise(brief, revision.title, revision.markdown, revision.label, embed=embedding.embed)
    with attempt.finish() as session:
        service.replace_check(session, revision_id, piece)
