"""Jobs of reading: recommendations, digests, and tidying up."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand import config, db
from stonehand.accounts.models import User
from stonehand.articles import queries as articles
from stonehand.jobs import Attempt, Batch, enqueue_many, task
from stonehand.reading import digests, forgetting, keeping, levelling
from stonehand.reading.errors import ReaderNotFound
from stonehand.reading.states import Period

PAGE = 1000  # readers who are asked for in one transaction
LIMIT = 20  # articles in a list


@task("reading.update", queue="recommendations", role="editor", batch=256, hard_limit=900, soft_limit=840)
def update(batch: Batch) -> None:
    """Make the recommendations of up to 256 readers anew."""
    from stonehand.nlp import embedding  # noqa: PLC0415  arrays and models only where something is computed
    from stonehand.reading import catalogue, pasts, recommending  # noqa: PLC0415

    shelf = catalogue.current(batch.read)
    found = pasts.read(batch.read, [item.args["user_id"] for item in batch.items])
    for item in batch.items:
        if item.args["user_id"] not in found:
            item.fail(ReaderNotFound(f"nobody with the id {item.args['user_id']} reads here, or their account is off"))
    readers = [found[item.args["user_id"]] for item in batch.remaining]
    topics = recommending.vectors_of_topics(readers, embedding.embed)
    limits = {item.args["user_id"]: int(item.args.get("limit", LIMIT)) for item in batch.remaining}
    wanted = {user_id: recommending.wanted(limit) for user_id, limit in limits.items()}
    lists = dict(recommending.recommend(shelf, readers, topics, wanted, db.utc_now()))
    with batch.finish() as session:
        keeping.store(session, {item.args["user_id"]: lists[item.args["user_id"]] for item in batch.remaining})


@task("reading.update_all", queue="recommendations", role="editor", hard_limit=3600, soft_limit=3540)
def update_all(attempt: Attempt) -> None:
    """Find out anew which articles have the same readers, then ask for everybody's recommendations."""
    from stonehand.reading import catalogue, pasts  # noqa: PLC0415  as in `update`
    from stonehand.reading.ranking import collaborative, packing  # noqa: PLC0415

    shelf = catalogue.current(attempt.read)
    everybody = pasts.everybody(attempt.read, shelf.place)
    found = packing.pack(collaborative.fit(everybody), shelf.ids, catalogue.NEIGHBOURS)
    attempt.check_cancelled()
    keeping.keep_neighbours(attempt.write, found)
    edge, readers = "", 0
    while True:
        with attempt.write() as session:
            wish = sa.select(User.id).where(User.is_active, User.id > edge).order_by(User.id).limit(PAGE)
            ids = session.scalars(wish).all()
            rows = [{"user_id": each} for each in ids]
            enqueue_many(session, "reading.update", rows, unique="reading.update:{user_id}", fair_key="")
        readers += len(ids)
        if len(ids) < PAGE:
            break
        edge = ids[-1]
    with attempt.finish() as session:
        attempt.note(session, {"readers": readers, "articles": shelf.size, "with_neighbours": len(found)})


@task("reading.follow_rubric", queue="recommendations", role="editor", batch=100)
def follow_rubric(batch: Batch) -> None:
    """Give up to 100 articles the level that the rubric Be-Do-Have says, but for those of which a person said one."""
    with batch.finish() as session:
        known = set(articles.articles(session, [item.args["article_id"] for item in batch.items]))
        levelling.follow(session, known)


@task("reading.tidy", queue="maintenance", role="admin")
def tidy(attempt: Attempt) -> None:
    """Forget recommendations that nobody made anew for days, and events that are too old."""
    gone = forgetting.tidy(attempt.write)
    with attempt.finish() as session:
        attempt.note(session, gone)


@task("reading.daily_digest", queue="generation", role="editor")
def daily_digest(attempt: Attempt) -> None:
    """Choose the stories of yesterday's digest, if somebody reads it."""
    _digest(attempt, Period.DAILY)


@task("reading.weekly_digest", queue="generation", role="editor")
def weekly_digest(attempt: Attempt) -> None:
    """Choose the stories of last week's digest, if somebody reads it."""
    _digest(attempt, Period.WEEKLY)


def _digest(attempt: Attempt, period: Period) -> None:
    with attempt.finish() as session:
        wanted = period.value in config.settings().digests or digests.asked_for(session, period)
        found = digests.choose(session, period) if wanted else None
        attempt.note(session, {"digest_id": found.id if found else None})
