"""What readers do: each event once, and no sum loses anything, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonehand.accounts.permissions import Person
from stonehand.db import Database, new_id, utc_now
from stonehand.jobs.models import Job
from stonehand.library import queries as library
from stonehand.reading import counting, popularity_queries, queries, service
from stonehand.reading.counting import Event
from stonehand.reading.errors import EventUnfit
from stonehand.reading.models import Reading, ReadingCount, ReadingEvent
from stonehand.reading.states import Deed
from tests.reading.conftest import Do, Enrol, Shelve


def totals(database: Database, article_id: str) -> dict[str, int]:
    with database.read() as session:
        return popularity_queries.totals(session, [article_id]).get(article_id, {})


def test_an_event_that_is_sent_again_counts_once(either_database: Database, enrol: Enrol, shelve: Shelve) -> None:
    ada, bea, article = enrol(), enrol("Bea"), shelve()
    event = Event("one", article, Deed.VIEW, seconds=30, scroll=40)
    for _ in range(3):
        with either_database.transaction() as session:
            service.record(session, ada, [event, event])
    found = totals(either_database, article)
    assert (found["views"], found["seconds"]) == (1, 30)
    with either_database.transaction() as session:
        assert service.record(session, bea, [event]) == (1, 0, [])  # ids are each reader's own
    assert totals(either_database, article)["views"] == 2


def test_reading_is_completed_once_however_often_it_is_said(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada, article = enrol(), shelve()
    for _ in range(3):
        do(ada, Deed.READ, article)
    assert totals(either_database, article)["reads"] == 1
    with either_database.read() as session:
        assert queries.progress(session, ada.id)["completed"] == 1


def test_a_like_can_be_taken_back_and_given_again(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada, article = enrol(), shelve()
    expected = [(None, 1), (1, 1), (0, 0), (0, 0), (1, 1)]
    for value, likes in expected:
        do(ada, Deed.LIKE, article, value)
        assert totals(either_database, article)["likes"] == likes


def test_a_second_rating_takes_the_place_of_the_first(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada, bea, article = enrol(), enrol("Bea"), shelve()
    for who, stars in ((ada, 1), (bea, 4), (ada, 5)):
        do(who, Deed.RATE, article, stars)
    found = totals(either_database, article)
    assert (found["ratings"], found["rating_total"]) == (2, 9)


def test_what_is_saved_is_a_bookmark(either_database: Database, enrol: Enrol, shelve: Shelve, do: Do) -> None:
    ada, article = enrol(), shelve()
    do(ada, Deed.SAVE, article)
    with either_database.read() as session:
        assert library.bookmarked(session, ada.id, [article]) == {article}
    do(ada, Deed.SAVE, article, 0)
    with either_database.read() as session:
        assert not library.bookmarked(session, ada.id, [article])


def test_progress_is_the_furthest_that_somebody_came(either_database: Database, enrol: Enrol, shelve: Shelve) -> None:
    ada, article = enrol(), shelve()
    with either_database.transaction() as session:
        events = [Event(str(at), article, Deed.VIEW, seconds=10, scroll=at) for at in (30, 80, 50)]
        service.record(session, ada, events)
    with either_database.read() as session:
        found = queries.reading(session, ada.id, article)
        assert found is not None
        assert (found.scroll, found.seconds, found.views, found.completed_at) == (80, 30, 3, None)


def test_events_of_articles_that_are_not_here_are_named(
    either_database: Database, enrol: Enrol, shelve: Shelve
) -> None:
    ada, article = enrol(), shelve()
    with either_database.transaction() as session:
        found = service.record(session, ada, [Event("1", "nowhere", Deed.VIEW), Event("2", article, Deed.VIEW)])
    assert found == (1, 0, ["nowhere"])


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event("1", "x", Deed.RATE), "rate from 1 to 5"),
        (Event("1", "x", Deed.RATE, 0), "rate from 1 to 5"),
        (Event("1", "x", Deed.LIKE, 3), "or 0 to take it back"),
        (Event("1", "x", Deed.SHARE, 0), "takes no value"),
    ],
)
def test_events_that_cannot_be_are_refused(either_database: Database, enrol: Enrol, event: Event, said: str) -> None:
    ada = enrol()
    with either_database.transaction() as session, pytest.raises(EventUnfit, match=said):
        service.record(session, ada, [event])


def test_too_many_at_once_are_refused(either_database: Database, enrol: Enrol) -> None:
    ada = enrol()
    with either_database.transaction() as session, pytest.raises(EventUnfit, match="send at most 100"):
        service.record(session, ada, [Event(str(at), "x", Deed.VIEW) for at in range(101)])


def test_counters_lose_no_update_when_many_write_at_once(
    either_database: Database, enrol: Enrol, shelve: Shelve
) -> None:
    readers, articles = [enrol(f"Reader{at}") for at in range(4)], [shelve() for _ in range(3)]

    def read_much(person: Person) -> None:
        for at in range(10):
            with either_database.transaction() as session:
                # in different orders, so that locks would cross if they were not taken in order
                names = articles if at % 2 else articles[::-1]
                service.record(session, person, [Event(new_id(), id_, Deed.VIEW, seconds=1) for id_ in names])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read_much, readers))
    for article in articles:
        assert totals(either_database, article)["views"] == 40
        assert totals(either_database, article)["seconds"] == 40


def test_the_same_event_from_two_places_at_once_counts_once(
    either_database: Database, enrol: Enrol, shelve: Shelve
) -> None:
    ada, article = enrol(), shelve()

    def send(_: int) -> int:
        with either_database.transaction() as session:
            return service.record(session, ada, [Event("same", article, Deed.LIKE)])[0]

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(8))) == 1
    assert totals(either_database, article)["likes"] == 1


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from([Deed.VIEW, Deed.READ, Deed.LIKE, Deed.SHARE, Deed.RATE]), st.integers(1, 5)
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.integers(1, 3))
def test_any_sequence_sent_any_number_of_times_counts_as_sent_once(
    either_database: Database, enrol: Enrol, shelve: Shelve, sequence: list[tuple[int, Deed, int]], times: int
) -> None:
    reader, article = enrol(f"R{new_id()}"), shelve()
    firsts: dict[str, Event] = {}
    events = [
        Event(f"e{at}", article, deed, stars if deed == Deed.RATE else None, seconds=at) for at, deed, stars in sequence
    ]
    for event in events:
        firsts.setdefault(event.client_id, event)
    for _ in range(times):
        with either_database.transaction() as session:
            service.record(session, reader, events)
    found = totals(either_database, article)
    kept = list(firsts.values())
    assert found.get("views", 0) == sum(each.deed == Deed.VIEW for each in kept)
    assert found.get("reads", 0) == int(any(each.deed == Deed.READ for each in kept))
    assert found.get("likes", 0) == int(any(each.deed == Deed.LIKE for each in kept))
    assert found.get("seconds", 0) == sum(each.seconds for each in kept)
    rated = [each.value for each in kept if each.deed == Deed.RATE]
    assert found.get("rating_total", 0) == (rated[-1] if rated else 0)


def test_deeds_ask_for_recommendations_once_and_views_do_not(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada, articles = enrol(), [shelve() for _ in range(3)]
    do(ada, Deed.VIEW, articles)
    with either_database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
    do(ada, Deed.LIKE, articles)
    do(ada, Deed.READ, articles)
    with either_database.read() as session:
        (job,) = session.scalars(sa.select(Job)).all()
        assert (job.task, job.args, job.state) == ("reading.update", {"user_id": ada.id}, "scheduled")


def test_popular_and_trending(either_database: Database, enrol: Enrol, shelve: Shelve) -> None:
    ada, steady, sudden, old = enrol(), shelve(), shelve(), shelve()
    today = utc_now()
    rows = [(steady, back, 10) for back in range(9)] + [(sudden, 0, 40), (old, 40, 500)]
    with either_database.transaction() as session:
        for article, back, views in rows:
            moment = today - timedelta(days=back)
            counting._count(session, article, {"views": views}, moment)
    with either_database.read() as session:
        assert [id_ for id_, _ in popularity_queries.popular(session, 10)] == [steady, sudden]
        assert popularity_queries.trending(session, 10)[0][0] == sudden
        assert popularity_queries.popular(session, 1) == [(steady, 90.0)]
        assert ada.id
        assert session.scalar(sa.select(sa.func.count()).select_from(ReadingCount)) == 11


def test_counts_are_of_the_day_in_utc(either_database: Database, enrol: Enrol, shelve: Shelve) -> None:
    article = shelve()
    with either_database.transaction() as session:
        counting._count(session, article, {"views": 1}, datetime(2026, 5, 17, 23, 59, tzinfo=UTC))
    with either_database.read() as session:
        assert session.scalars(sa.select(ReadingCount.day)).all() == [date(2026, 5, 17)]
        assert session.scalar(sa.select(sa.func.count()).select_from(Reading)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(ReadingEvent)) == 0
