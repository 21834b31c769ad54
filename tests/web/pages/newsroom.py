"""A small newsroom as its rooms leave it: two stories, copies, a failed job, a broken source, an approval."""

from __future__ import annotations

from datetime import timedelta

from stonehand.articles.models import Article
from stonehand.db import Session, new_id, now
from stonehand.jobs.models import Job
from stonehand.sources.models import Source, SourceState


def dead_letter(session: Session, error: str = "the folder is not writable") -> str:
    """A job that will not run again by itself."""
    moment = now(session)
    job = Job(
        id=new_id(),
        task="publications.publish",
        queue="publishing",
        state="discarded",
        error=error,
        run_at=moment,
        created_at=moment,
        finished_at=moment,
    )
    session.add(job)
    return job.id


def source(session: Session, title: str, state: SourceState = SourceState.ACTIVE, *, is_sample: bool = False) -> str:
    """A source, looked at a minute ago; a failing one says why."""
    moment, failing = now(session), state == SourceState.FAILING
    made = Source(
        id=new_id(),
        kind="feed",
        url=f"https://{title.lower()}.example/feed",
        address=f"https://{title.lower()}.example/feed",
        title=title,
        state=state,
        is_sample=is_sample,
        interval_seconds=600,
        last_poll_at=moment - timedelta(minutes=1),
        next_poll_at=moment + timedelta(minutes=9),
        failure_streak=3 if failing else 0,
        last_error="the address answers HTML, not a feed" if failing else None,
        created_at=moment,
    )
    session.add(made)
    return made.id


def article(session: Session, text: str, **facts: object) -> str:
    """An article that was read."""
    from stonehand.articles.models import StoredText

    moment, id_ = now(session), new_id()
    known = {"title": "Cracks in the bridge", "site": "Harbour Post", "word_count": len(text.split())} | facts
    url = f"https://harbour-post.example/{id_}"
    session.add(
        Article(
            id=id_,
            url=url,
            canonical_url=url,
            state=known.pop("state", "extracted"),
            fetched_at=moment,
            created_at=moment,
            updated_at=moment,
            **known,
        )
    )
    session.flush()
    if text:
        session.add(StoredText(article_id=id_, text=text))
    return id_
