"""Articles find their stories through real jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from stonehand.analysis import queries as analyses
from stonehand.analysis.models import Analysis
from stonehand.articles import verdicts
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.stories import keeping, queries, retelling, service
from stonehand.stories import tasks as place_tasks
from stonehand.stories.errors import StoryNotFound
from stonehand.stories.models import Placement, Story
from stonehand.stories.schemas import StoryDetail
from stonehand.stories.window import Window
from tests.stories.conftest import AddArticle

NOON = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
PORT_ELLIS = (
    "Floods in Port Ellis drive 4,000 people from their homes",
    "The river Orne burst its banks in Port Ellis on Monday and drove 4,000 people from their homes. Mayor Ruth Okafor "
    "said the Orne stood at 7.2 metres. Soldiers brought sandbags to the harbour. Schools in Port Ellis stay shut.",
)
PORT_ELLIS_LATER = (
    "Port Ellis counts the damage after the Orne flood",
    "A day after the river Orne flooded Port Ellis, Mayor Ruth Okafor said 4,000 people could not yet return to their "
    "homes. The Orne fell to 6.1 metres. Soldiers still guard the harbour of Port Ellis with sandbags.",
)
HALVERN = (
    "Floods in Halvern force 900 residents to leave",
    "The river Tamm burst its banks in Halvern on Monday and drove 900 people from their homes. Mayor Piet Lander said "
    "the Tamm stood at 3.4 metres. Volunteers brought sandbags to the market square. Schools in Halvern stay shut.",
)
MATCH = (
    "Ajora wins the cup final after extra time",
    "Ajora beat Rovers 2-1 in the cup final at Kestrel Park on Sunday. Striker Dana Voss scored in extra time before "
    "60,000 spectators, and coach Lem Adeyo dedicated the trophy to the supporters who had travelled overnight.",
)


def test_one_event_is_one_story_and_a_like_event_is_another(database: Database, add_article: AddArticle) -> None:
    first = add_article(*PORT_ELLIS, "Velm Post", NOON)
    other = add_article(*HALVERN, "Tamm Herald", NOON + timedelta(hours=1))
    match = add_article(*MATCH, "Velm Post", NOON + timedelta(hours=2))
    run_all(database)
    later = add_article(*PORT_ELLIS_LATER, "Harbour News", NOON + timedelta(hours=20))
    run_all(database)
    with database.read() as session:
        where = {each.article_id: each for each in session.scalars(sa.select(Placement))}
        story = queries.story(session, where[first].story_id)
        assert where[first].story_id == where[later].story_id
        assert len({where[each].story_id for each in (first, other, match)}) == 3
        assert (story.article_count, story.outlet_count, story.state) == (2, 2, "developing")
        assert (story.first_at, story.last_at) == (NOON, NOON + timedelta(hours=20))
        assert story.title in (PORT_ELLIS[0], PORT_ELLIS_LATER[0])
        assert queries.top(session)[0].id == story.id
        assert "okafor" in where[later].evidence["shared"]
        assert queries.outlets(session, [story.id]) == {story.id: ["Velm Post", "Harbour News"]}
        assert [each.title for each in queries.top(session, words="halvern")] == [HALVERN[0]]
        assert queries.count(session) == 3


def test_timeline_has_first_report_follow_up_and_copy(database: Database, add_article: AddArticle) -> None:
    follow = add_article(*PORT_ELLIS_LATER, "Harbour News", NOON + timedelta(hours=20))
    run_all(database)
    original = add_article(*PORT_ELLIS, "Velm Post", NOON)
    copy = add_article(*PORT_ELLIS, "Daily Echo", NOON + timedelta(hours=3), duplicate_of=original)
    run_all(database)
    with database.read() as session:
        placed = queries.placement(session, copy)
        assert placed is not None
        steps = queries.timeline(session, placed.story_id)
        shown = StoryDetail.of(queries.story(session, placed.story_id), steps)
        assert queries.article_ids(session, placed.story_id) == [original, follow, copy]
    told = [(each.article_id, each.role, [other.article_id for other in each.copies]) for each in shown.timeline]
    assert told == [(original, "first_report", [copy]), (follow, "follow_up", [])]
    assert shown.timeline[0].copies[0].why == "The same text as its original."
    assert "okafor" in shown.timeline[0].why or "okafor" in shown.timeline[1].why


def test_copy_that_came_first_gives_way_to_its_original(database: Database, add_article: AddArticle) -> None:
    original = add_article(*PORT_ELLIS, "Velm Post", NOON)
    copy = add_article(*PORT_ELLIS, "Daily Echo", NOON + timedelta(hours=3), duplicate_of=original)
    with database.transaction() as session:
        mine = sa.cast(Job.args, sa.String).contains(original)
        session.execute(sa.update(Job).where(mine).values(state="paused"))
    run_all(database)
    with database.transaction() as session:
        session.execute(sa.update(Job).where(Job.state == "paused").values(state="available"))
    run_all(database)
    with database.read() as session:
        roles = dict(session.execute(sa.select(Placement.article_id, Placement.role)).all())
        assert roles == {original: "first_report", copy: "copy"}
        assert queries.count(session) == 1


def test_what_people_say_of_copies_changes_their_part_in_the_story(database: Database, add_article: AddArticle) -> None:
    original = add_article(*PORT_ELLIS, "Velm Post", NOON)
    run_all(database)
    copy = add_article(*PORT_ELLIS, "Daily Echo", NOON + timedelta(hours=3), duplicate_of=original)
    run_all(database)
    with database.transaction() as session:
        verdicts.split(session, copy, "Ada")
    run_all(database)
    assert _part(database, copy) == ("follow_up", None)
    with database.transaction() as session:
        verdicts.merge(session, copy, original, "Ada")
    run_all(database)
    assert _part(database, copy) == ("copy", original)
    assert _part(database, original) == ("first_report", None)


def _part(database: Database, article_id: str) -> tuple[str, str | None]:
    with database.read() as session:
        placed = queries.placement(session, article_id)
        assert placed is not None
        return placed.role, placed.original_id


def test_placing_again_changes_nothing(database: Database, add_article: AddArticle) -> None:
    article = add_article(*PORT_ELLIS, at=NOON)
    run_all(database)
    with database.read() as session:
        before = queries.top(session)[0]
        readings = retelling.read(session, [article])
    with database.transaction() as session:
        _, grown = service.place(session, Window(), list(readings.values()))
    with database.read() as session:
        after = queries.top(session)
    assert grown == []
    assert [(each.id, each.article_count) for each in after] == [(before.id, 1)]


def test_window_of_another_process_catches_up(
    database: Database, add_article: AddArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = add_article(*PORT_ELLIS, at=NOON)
    run_all(database)
    stale = place_tasks._memory.window
    monkeypatch.setattr(place_tasks, "_memory", place_tasks._Memory())
    add_article(*MATCH, at=NOON)
    run_all(database)
    place_tasks._memory.window = stale
    third = add_article(*PORT_ELLIS_LATER, "Harbour News", NOON + timedelta(hours=5))
    fourth = add_article(MATCH[0], MATCH[1] + " Fans sang.", "Harbour News", NOON + timedelta(hours=5))
    run_all(database)
    with database.read() as session:
        where = dict(session.execute(sa.select(Placement.article_id, Placement.story_id)).all())
        assert where[first] == where[third]
        assert sorted(story.article_count for story in queries.top(session)) == [2, 2]
        assert fourth in where


def test_a_story_goes_cold_after_two_weeks_but_still_takes_copies(database: Database, add_article: AddArticle) -> None:
    original = add_article(*PORT_ELLIS, at=NOON - timedelta(days=30))
    run_all(database)
    late = add_article(*PORT_ELLIS_LATER, at=NOON)
    copy = add_article(*PORT_ELLIS, "Daily Echo", NOON, duplicate_of=original)
    run_all(database)
    with database.read() as session:
        where = dict(session.execute(sa.select(Placement.article_id, Placement.story_id)).all())
    assert where[late] != where[original]
    assert where[copy] == where[original]


def test_article_from_the_future_or_without_date(database: Database, add_article: AddArticle) -> None:
    future = add_article(*MATCH, at=NOON + timedelta(days=400))
    undated = add_article(*HALVERN)
    run_all(database)
    with database.read() as session:
        places = {each: queries.placement(session, each) for each in (future, undated)}
    assert {each: placed.dated for each, placed in places.items() if placed} == {future: True, undated: False}
    assert all(placed and placed.reported_at <= placed.placed_at for placed in places.values())


def test_sample_goes_and_the_windows_forget_it(database: Database, add_article: AddArticle) -> None:
    add_article(*PORT_ELLIS, at=NOON, is_sample=True)
    real = add_article(*MATCH, at=NOON)
    run_all(database)
    with database.transaction() as session:
        assert service.remove_sample(session) == 1
    later = add_article(*PORT_ELLIS_LATER, at=NOON)
    run_all(database)
    with database.read() as session:
        assert {each.is_sample for each in queries.top(session)} == {False}
        places = set(session.scalars(sa.select(Placement.article_id)))
        assert places == {real, later}


def test_article_without_analysis_is_a_dead_letter(database: Database, add_article: AddArticle) -> None:
    gone = add_article(*MATCH, at=NOON)
    run_all(database, queues=("analysis",))
    with database.transaction() as session:
        session.execute(sa.delete(Analysis).where(Analysis.article_id == gone))
    good = add_article(*HALVERN, at=NOON)
    run_all(database)
    with database.read() as session:
        assert queries.placement(session, good) is not None
        assert queries.placement(session, gone) is None
        assert analyses.analysis(session, good).language == "en"
        jobs_of_place = sa.select(Job.state).where(Job.task == "stories.place").order_by(Job.state)
        assert list(session.scalars(jobs_of_place)) == ["completed", "discarded"]


def test_unknown_story(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(StoryNotFound, match="nowhere"):
            queries.timeline(session, "nowhere")
        assert session.scalar(sa.select(sa.func.count()).select_from(Story)) == 0


def test_many_stories_of_one_change_are_read_page_by_page(database: Database, add_article: AddArticle) -> None:
    for number in range(9):
        add_article(f"Note {number}", f"Clerk{number} in Town{number} opened hall{number} for club{number}.", at=NOON)
    run_all(database)
    with database.transaction() as session:
        session.execute(sa.update(Story).values(revision=1))
    window, complete, looks = Window(), False, 0
    while not complete:
        with database.read() as session:
            window, complete = keeping.catch_up(session, window, NOON - timedelta(days=1), most=4)
        looks += 1
        assert looks < 5
    assert len(window.stories) == 9
