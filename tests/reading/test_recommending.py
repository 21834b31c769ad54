"""Recommendations through their real jobs: pasts, cold starts, caps, levels, wishes and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import config, jobs
from stonehand.accounts.models import User
from stonehand.accounts.permissions import Person
from stonehand.db import Database, utc_now
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.reading import catalogue, forgetting, levelling, pasts, queries, service
from stonehand.reading.errors import WishUnfit
from stonehand.reading.models import ArticleNeighbours, Recommendations
from stonehand.reading.queries import Shown
from stonehand.reading.states import Deed, Difficulty, Less, Phase
from tests.reading.conftest import Do, Enrol, Shelve


def update(database: Database, person: Person | None = None) -> None:
    """Make recommendations now, of one reader or of all."""
    with database.transaction() as session:
        session.execute(sa.delete(Job))
        if person:
            jobs.enqueue(session, "reading.update", {"user_id": person.id})
        else:
            jobs.enqueue(session, "reading.update_all", {})
    run_all(database)
    with database.read() as session:
        assert set(session.scalars(sa.select(Job.state))) == {State.COMPLETED}


def shown(database: Database, person: Person, limit: int = 20) -> list[Shown]:
    with database.read() as session:
        return queries.recommended(session, person.id, limit)[0]


def test_a_reader_gets_more_of_what_they_read_and_is_told_why(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada, past = enrol(), shelve(topic=1, title="Bridges of stone")
    mine, others = [shelve(topic=1) for _ in range(3)], [shelve(topic=2) for _ in range(5)]
    do(ada, Deed.LIKE, past)
    update(either_database, ada)
    found = shown(either_database, ada)
    assert {each.article_id for each in found[:3]} == set(mine)
    assert found[0].because == "Because you read “Bridges of stone”."
    assert found[0].less == {"kind": "because", "value": past}
    assert past not in {each.article_id for each in found}
    assert not {each.article_id for each in found[:3]} & set(others)


def test_readers_of_the_same_lend_each_other_what_content_does_not_tell(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    shared, hidden, decoy = shelve(topic=1, title="Shared"), shelve(topic=5), shelve(topic=6)
    for at in range(4):
        do(enrol(f"Friend{at}"), Deed.READ, [shared, hidden])
        do(enrol(f"Stranger{at}"), Deed.READ, [shelve(topic=9), decoy])
    ada = enrol()
    do(ada, Deed.READ, shared)
    update(either_database)
    found = shown(either_database, ada)
    assert found[0].article_id == hidden
    assert found[0].because == "Others who read “Shared” read this too."
    with either_database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ArticleNeighbours)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(Recommendations)) == 9
        assert ("readers" in {kind for _, kind, _ in queries.related(session, shared, 10)}) is True


def test_who_is_new_gets_what_many_read_or_many_tell(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do, tell: Callable[..., str]
) -> None:
    new = enrol("New")
    told, quiet = shelve(story=tell("Big", outlets=9), topic=1), shelve(topic=2)
    update(either_database, new)
    found = shown(either_database, new)
    assert found[0].article_id == told
    assert found[0].because == "9 outlets tell its story."
    for at in range(5):
        do(enrol(f"R{at}"), Deed.READ, quiet)
    update(either_database)
    assert shown(either_database, new)[0].article_id == quiet
    assert shown(either_database, new)[0].because == "It is among what is read most here."


def test_an_empty_house_recommends_nothing(either_database: Database, enrol: Enrol) -> None:
    ada = enrol()
    update(either_database)
    assert shown(either_database, ada) == []


def test_topics_of_a_profile_count_and_are_a_reason(
    either_database: Database, enrol: Enrol, shelve: Shelve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stonehand.nlp import embedding
    from tests.reading.conftest import direction

    monkeypatch.setattr(embedding, "embed", lambda names: [direction(3) for _ in names])
    ada, wanted = enrol(), [shelve(topic=3) for _ in range(2)]
    for _ in range(4):
        shelve(topic=4)
    with either_database.transaction() as session:
        service.tell(session, ada, topics=["harbours"])
    update(either_database, ada)
    found = shown(either_database, ada)
    assert {each.article_id for each in found[:2]} == set(wanted)
    assert found[0].because == "You follow “harbours”."
    with either_database.transaction() as session:
        service.want_less(session, ada, Less.TOPIC, "harbours")
    update(either_database, ada)
    assert all(each.kind != "topic" for each in shown(either_database, ada))


def test_caps_hold_in_what_is_shown(either_database: Database, enrol: Enrol, shelve: Shelve, do: Do) -> None:
    ada = enrol()
    do(ada, Deed.LIKE, shelve(topic=1))
    for at in range(12):
        old = utc_now() - timedelta(days=20)
        shelve(topic=1, outlet="gazette") if at < 8 else shelve(topic=1, outlet=f"small{at}", at=old)
    update(either_database, ada)
    found = shown(either_database, ada)
    assert Counter(each.outlet for each in found)["gazette"] == 2  # DOMAIN_CAP
    assert len(found) == 3  # CLUSTER_CAP: all of them are alike


def test_caps_can_be_switched_off(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIVERSIFY_RESULTS", "false")
    config.settings.cache_clear()
    ada = enrol()
    do(ada, Deed.LIKE, shelve(topic=1))
    for _ in range(6):
        shelve(topic=1, outlet="gazette")
    update(either_database, ada)
    assert len(shown(either_database, ada)) == 6


def test_levels_are_held_when_lists_are_made_and_when_they_are_shown(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada, editor = enrol(), enrol("Ed", "editor")
    do(ada, Deed.LIKE, shelve(topic=1))
    easy, hard = shelve(topic=1), shelve(topic=1)
    with either_database.transaction() as session:
        levelling.set_level(session, editor, hard, Phase.DO, Difficulty.ADVANCED)
        levelling.set_level(session, editor, easy, Phase.DO, Difficulty.BEGINNER)
    update(either_database, ada)
    assert {each.article_id for each in shown(either_database, ada)} == {easy}
    with either_database.transaction() as session:
        service.set_scores(session, ada, 0, 80, 0)
    update(either_database, ada)
    assert {each.article_id for each in shown(either_database, ada)} == {easy, hard}
    with either_database.transaction() as session:
        service.set_scores(session, ada, 100, 79, 100)
    assert {each.article_id for each in shown(either_database, ada)} == {easy}  # at once, before anything is made anew
    with either_database.read() as session:
        both = [(easy, 1.0), (hard, 2.0)]
        assert [each.article_id for each in queries.listed(session, ada.id, both, "popular", 10)] == [easy]


def test_less_of_an_outlet_a_story_an_article_or_a_reason(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do, tell: Callable[..., str]
) -> None:
    ada, story = enrol(), tell("The bridge")
    past = shelve(topic=1)
    do(ada, Deed.LIKE, past)
    loud = shelve(topic=1, outlet="loud", story=tell("Another"))
    of_story, plain = shelve(topic=1, story=story), shelve(topic=1)
    far = shelve(topic=7)
    update(either_database, ada)
    assert {each.article_id for each in shown(either_database, ada)[:3]} == {loud, of_story, plain}
    with either_database.transaction() as session:
        service.want_less(session, ada, Less.OUTLET, "loud")
        service.want_less(session, ada, Less.STORY, story)
    update(either_database, ada)
    found = [each.article_id for each in shown(either_database, ada)]
    assert found[0] == plain
    assert of_story not in found
    with either_database.transaction() as session:
        service.want_less(session, ada, Less.ARTICLE, plain)
        service.want_less(session, ada, Less.BECAUSE, past)
    update(either_database, ada)
    assert "alike" not in {each.kind for each in shown(either_database, ada)}
    with either_database.transaction() as session:
        assert {each.words for each in queries.less(session, ada.id)} >= {"loud", "The bridge"}
        assert service.want_again(session, ada, Less.STORY, story) is True
        assert service.want_again(session, ada, Less.STORY, story) is False
    assert far


def test_wishes_about_nothing_are_refused(either_database: Database, enrol: Enrol) -> None:
    ada = enrol()
    with either_database.transaction() as session, pytest.raises(WishUnfit, match="1 to 300 characters"):
        service.want_less(session, ada, Less.OUTLET, "  ")


def test_what_was_read_or_put_away_since_is_not_shown(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada = enrol()
    do(ada, Deed.LIKE, shelve(topic=1))
    first, second = shelve(topic=1), shelve(topic=1)
    update(either_database, ada)
    do(ada, Deed.DISMISS, first)
    assert [each.article_id for each in shown(either_database, ada)] == [second]
    do(ada, Deed.READ, second)
    assert shown(either_database, ada) == []


def test_copies_and_unreadable_pages_are_not_recommended(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    ada, original = enrol(), shelve(topic=1)
    do(ada, Deed.LIKE, original)
    shelve(topic=1, duplicate_of=original)
    shelve(topic=1, state="unreadable")
    good = shelve(topic=1)
    update(either_database, ada)
    assert [each.article_id for each in shown(either_database, ada)] == [good]


def test_only_languages_that_a_reader_reads(either_database: Database, enrol: Enrol, shelve: Shelve) -> None:
    ada = enrol()
    shelve(topic=1)
    with either_database.transaction() as session:
        service.tell(session, ada, languages=["de"])
    update(either_database, ada)
    assert shown(either_database, ada) == []


def test_new_articles_are_known_without_reading_all_anew(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = enrol()
    do(ada, Deed.LIKE, shelve(topic=1))
    update(either_database, ada)
    late = shelve(topic=1)
    read = catalogue._read

    def only_newer(opened: catalogue.Opened, into: catalogue.Catalogue, newer: bool) -> None:
        assert newer
        read(opened, into, newer)

    monkeypatch.setattr(catalogue, "_read", only_newer)
    update(either_database, ada)
    assert [each.article_id for each in shown(either_database, ada)] == [late]


def test_an_unknown_reader_fails_alone(either_database: Database, enrol: Enrol, shelve: Shelve) -> None:
    ada, off = enrol(), enrol("Off")
    shelve()
    with either_database.transaction() as session:
        session.get_one(User, off.id).is_active = False
        for user_id in (ada.id, off.id, "nobody"):
            jobs.enqueue(session, "reading.update", {"user_id": user_id})
    run_all(either_database)
    with either_database.read() as session:
        states: dict[str, str] = dict(session.execute(sa.select(Job.args["user_id"].as_string(), Job.state)).all())
        assert states == {ada.id: State.COMPLETED, off.id: State.DISCARDED, "nobody": State.DISCARDED}
        errors = session.scalars(sa.select(Job.error).where(Job.state == State.DISCARDED)).all()
        assert all("reads here" in (error or "") for error in errors)


def test_a_limit_can_be_asked_for(either_database: Database, enrol: Enrol, shelve: Shelve, do: Do) -> None:
    ada = enrol()
    for topic in range(8):
        do(enrol(f"R{topic}"), Deed.READ, shelve(topic=topic))
    with either_database.transaction() as session:
        session.execute(sa.delete(Job))
        jobs.enqueue(session, "reading.update", {"user_id": ada.id, "limit": "3"})
    run_all(either_database)
    assert len(shown(either_database, ada)) == 3


def test_tidying_forgets_what_is_stale(either_database: Database, enrol: Enrol, shelve: Shelve, do: Do) -> None:
    ada, article = enrol(), shelve()
    do(ada, Deed.READ, article)
    update(either_database, ada)
    assert forgetting.tidy(either_database.transaction) == {"recommendations": 0, "events": 0}
    with either_database.transaction() as session:
        session.execute(sa.update(Recommendations).values(made_at=utc_now() - timedelta(days=4)))
        from stonehand.reading.models import ReadingEvent

        session.execute(sa.update(ReadingEvent).values(at=utc_now() - timedelta(days=366)))
    assert forgetting.tidy(either_database.transaction) == {"recommendations": 1, "events": 1}
    with either_database.read() as session:
        assert queries.progress(session, ada.id)["completed"] == 1  # the standing stays


def test_related_articles_are_of_the_story_close_or_read_together(
    either_database: Database, enrol: Enrol, shelve: Shelve, tell: Callable[..., str]
) -> None:
    story = tell("The bridge")
    article, sister, near, far = shelve(1, story=story), shelve(4, story=story), shelve(1), shelve(9)
    with either_database.read() as session:
        found = {id_: kind for id_, kind, _ in queries.related(session, article, 10)}
    assert found == {sister: "same_story", near: "alike"}
    assert far not in found


def test_deeds_speak_for_an_article_or_against_it(
    either_database: Database, enrol: Enrol, shelve: Shelve, do: Do
) -> None:
    said: list[tuple[list[tuple[Deed, int | None]], float]] = [
        ([(Deed.VIEW, None)], 0.5),
        ([(Deed.READ, None)], 1.0),
        ([(Deed.VIEW, None), (Deed.RATE, 3)], 0.5),
        ([(Deed.READ, None), (Deed.RATE, 5)], 4.0),
        ([(Deed.READ, None), (Deed.RATE, 1)], -2.0),
        ([(Deed.VIEW, None), (Deed.DISMISS, None)], -3.5),
        ([(Deed.READ, None), (Deed.LIKE, None), (Deed.SAVE, None), (Deed.SHARE, None)], 5.0),
    ]
    ada, wanted = enrol(), {}
    for deeds, worth in said:
        article = shelve()
        wanted[article] = worth
        for deed, value in deeds:
            do(ada, deed, article, value)
    found = pasts.read(either_database.read, [ada.id])[ada.id]
    assert dict(found.known) == wanted
    assert [id_ for id_, _ in found.known] == list(wanted)[::-1]  # the latest first
    everybody = pasts.everybody(either_database.read, {id_: at for at, id_ in enumerate(wanted)})
    assert everybody.items.tolist() == [0, 1, 2, 3, 6]
