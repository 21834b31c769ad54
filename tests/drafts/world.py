"""Stories with articles, as the rooms before leave them in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from stonehand import jobs
from stonehand.articles.models import Article, StoredText
from stonehand.articles.states import State
from stonehand.db import Session, new_id, now
from stonehand.drafts.events import DraftCommissioned, DraftWritten
from stonehand.reviews import tasks as _reviews_tasks  # noqa: F401  declares reviews.open and reviews.release
from stonehand.reviews.events import ChangesRequested, ReviewApproved, ReviewRejected
from stonehand.stories.models import Placement, Story
from stonehand.stories.states import Role, StoryState
from tests.drafts.material import HARBOUR, RIVAL

TEXTS = (("Harbour Post", HARBOUR), ("Norwick Daily", RIVAL))


def follow(after_approval: str = "") -> None:
    """The rows of the pipeline that these rooms need."""
    jobs.follow(
        [
            (DraftCommissioned, "drafts.write"),
            (DraftWritten, "reviews.open"),
            (ReviewApproved, after_approval),
            (ReviewRejected, ""),
            (ChangesRequested, ""),
        ]
    )


def story(
    session: Session,
    texts: Iterable[tuple[str, str]] = TEXTS,
    *,
    rank: float = 1.0,
    quiet: timedelta = timedelta(minutes=5),
    copies: int = 0,
) -> str:
    """A story told by these (outlet, text) pairs, the last `copies` of which are copies. Returns its id."""
    moment, told = now(session), list(texts)
    made = Story(
        id=new_id(),
        title="Norwick’s bridge closes",
        state=StoryState.DEVELOPING,
        article_count=len(told),
        outlet_count=len({outlet for outlet, _ in told}),
        first_at=moment,
        last_at=moment,
        rank=rank,
        centroid=b"",
        vector_model="none",
        profile={},
        revision=1,
        created_at=moment,
        updated_at=moment,
    )
    session.add(made)
    session.flush()
    for number, (outlet, text) in enumerate(told):
        _article(session, made.id, outlet, text, number, moment - quiet, number >= len(told) - copies)
    session.flush()
    return made.id


def _article(
    session: Session, story_id: str, outlet: str, text: str, number: int, placed_at: datetime, is_copy: bool
) -> None:
    id_, moment = new_id(), datetime(2026, 5, 3, 9 + number, tzinfo=UTC)
    url = f"https://{outlet.lower().replace(' ', '-')}.example/{id_}"
    session.add(
        Article(
            id=id_,
            url=url,
            canonical_url=url,
            state=State.EXTRACTED,
            title=f"Report {number}",
            published_at=moment,
            language_hint="en",
            site=outlet,
            word_count=len(text.split()),
            fetched_at=placed_at,
            created_at=placed_at,
            updated_at=placed_at,
        )
    )
    session.flush()
    session.add(StoredText(article_id=id_, text=text))
    session.add(
        Placement(
            article_id=id_,
            story_id=story_id,
            role=Role.COPY if is_copy else Role.FOLLOW_UP,
            title=f"Report {number}",
            outlet=outlet,
            url=url,
            reported_at=moment,
            dated=True,
            cosine=0.9,
            evidence={},
            placed_at=placed_at,
        )
    )
