"""What editors say of stories: these articles are another story, these two stories are one. Every pass obeys.

Said of pairs of articles, since those stay what they are: articles kept together are tied to the first of them; one
pair stands for two parts that are kept apart.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session, new_id
from stonehand.stories import keeping, queries, retelling
from stonehand.stories.errors import SplitUnfit, StoryNotFound
from stonehand.stories.models import Placement, StoryVerdict
from stonehand.stories.passes import applying
from stonehand.stories.passes.identity import Move
from stonehand.stories.states import Role

MOST = 200  # articles of a story that an editor can part or join: each is read again
Pairs = list[tuple[str, str]]


def split(session: Session, person: Person, story_id: str, article_ids: Collection[str]) -> str:
    """Make these articles a story of their own, with all who ran the same texts. Returns its id.

    Raises `StoryNotFound`, `SplitUnfit`.
    """
    held = keeping.lock(session)
    originals = _originals(session, story_id)
    wanted = _texts(session, story_id, article_ids)
    taken = [each for each in originals if each in wanted]
    left = [each for each in originals if each not in wanted]
    unknown = wanted - set(originals)
    if unknown or not taken or not left:
        raise SplitUnfit(
            f"{sorted(unknown)[0]} is no text of its own in story {story_id}"
            if unknown
            else "choose at least one article of the story, and leave at least one in it"
        )
    readings = retelling.read(session, taken)
    if taken[0] not in readings:
        raise SplitUnfit(f"article {taken[0]} was not analysed yet; its job is listed under Jobs")
    _unsay(session, taken, left, together=True)
    _say(session, person, [*_tied(taken), *_tied(left)], together=True)
    _say(session, person, [(taken[0], left[0])], together=False)
    move = Move(story_id, new_id(), tuple(taken), is_new=True)
    applying.apply(session, held, [move], readings, [{"to": 0, "from": 0, "shared": []}], person.id)
    accounts.record(session, person, "split", "story", story_id, {"into": move.to_id, "articles": len(taken)})
    return move.to_id


def merge(session: Session, person: Person, story_id: str, into_id: str) -> None:
    """Make one story's articles part of another. Raises `StoryNotFound`, `SplitUnfit`."""
    held = keeping.lock(session)
    if story_id == into_id:
        raise SplitUnfit("a story cannot be merged with itself")
    ours, theirs = _originals(session, story_id), _originals(session, into_id)
    _unsay(session, ours, theirs, together=False)
    _say(session, person, [*_tied(ours), *_tied(theirs), (ours[0], theirs[0])], together=True)
    move = Move(story_id, into_id, tuple(ours), is_new=False)
    applying.apply(
        session, held, [move], retelling.read(session, ours[-60:]), [{"to": 0, "from": 0, "shared": []}], person.id
    )
    accounts.record(session, person, "merged", "story", story_id, {"into": into_id, "articles": len(ours)})


def join(session: Session, person: Person, one_id: str, other_id: str) -> str:
    """Make two stories one. The one of more articles stays, of equal ones the older, with its address and its course.

    Returns its id. Raises `StoryNotFound`, `SplitUnfit`.
    """
    stories = [queries.story(session, one_id), queries.story(session, other_id)]
    stays, goes = sorted(stories, key=lambda each: (-each.article_count, each.id))
    merge(session, person, goes.id, stays.id)
    return stays.id


def of(session: Session, article_ids: Collection[str]) -> tuple[Pairs, Pairs]:
    """What was said of pairs among these articles: together, and apart."""
    found: tuple[Pairs, Pairs] = ([], [])
    ids = sorted(article_ids)
    for start in range(0, len(ids), 400):
        wish = sa.select(StoryVerdict).where(StoryVerdict.low_id.in_(ids[start : start + 400]))
        for each in session.scalars(wish):
            found[0 if each.together else 1].append((each.low_id, each.high_id))
    return found


def _texts(session: Session, story_id: str, article_ids: Collection[str]) -> set[str]:
    """These articles, the original in the place of a copy."""
    wish = sa.select(Placement.article_id, Placement.original_id).where(
        Placement.story_id == story_id, Placement.article_id.in_(article_ids), Placement.role == Role.COPY
    )
    original = {row.article_id: row.original_id for row in session.execute(wish)}
    return {original.get(each) or each for each in article_ids}


def _originals(session: Session, story_id: str) -> list[str]:
    """The texts of a story, earliest first; copies go where their originals go."""
    queries.story(session, story_id)
    wish = sa.select(Placement.article_id).where(Placement.story_id == story_id)
    ordered = wish.order_by(Placement.role == Role.COPY, Placement.reported_at, Placement.article_id)
    ids = list(session.scalars(ordered.where(Placement.role != Role.COPY))) or list(session.scalars(ordered))
    if not ids:
        raise StoryNotFound(f"story {story_id} has no articles any more; it was merged with another one")
    if len(ids) > MOST:
        raise SplitUnfit(f"story {story_id} has {len(ids)} texts; up to {MOST} can be parted or joined by hand")
    return ids


def _tied(ids: Sequence[str]) -> Pairs:
    return [(ids[0], each) for each in ids[1:]]


def _say(session: Session, person: Person, pairs: Pairs, together: bool) -> None:
    moment = db.now(session)
    rows = [
        {
            "id": new_id(),
            "low_id": min(pair),
            "high_id": max(pair),
            "together": together,
            "said_by": person.id,
            "said_at": moment,
        }
        for pair in pairs
    ]
    if rows:
        statement = db.insert(session, StoryVerdict)
        newer = {name: statement.excluded[name] for name in ("together", "said_by", "said_at")}
        session.execute(statement.on_conflict_do_update(index_elements=["low_id", "high_id"], set_=newer), rows)


def _unsay(session: Session, some: Sequence[str], others: Sequence[str], together: bool) -> None:
    """Drop what was said before of pairs between the two, and would contradict."""
    low_high = sa.and_(StoryVerdict.low_id.in_(some), StoryVerdict.high_id.in_(others))
    high_low = sa.and_(StoryVerdict.low_id.in_(others), StoryVerdict.high_id.in_(some))
    session.execute(sa.delete(StoryVerdict).where(sa.or_(low_high, high_low), StoryVerdict.together.is_(together)))
