"""The graph pass: what the graph says, which story is which, what editors say, and all of it through real jobs."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.permissions import Person
from stonehand.analysis.models import Analysis
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.nlp import lexical
from stonehand.stories import keeping, queries, retelling, service, timeline
from stonehand.stories import tasks as place_tasks
from stonehand.stories.errors import SplitUnfit, StoryNotFound
from stonehand.stories.models import Placement, Story, StoryVerdict
from stonehand.stories.passes import applying, graph, identity, verdicts
from stonehand.stories.passes.graph import Said
from stonehand.stories.passes.identity import Move
from stonehand.stories.placement import Reading, read_words
from tests.stories.conftest import AddArticle

NOON = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
ADA = Person("ada", "ada@velm.example", "Ada", "admin", frozenset({"read", "edit", "publish", "admin"}))
FLOOD = "The river Orne flooded Port Ellis and Mayor Okafor sent {} people from the harbour home with sandbags {}."
FINAL = "Ajora beat Rovers in the cup final at Kestrel Park, where striker Voss scored {} goals before fans {}."


def squares(*blocks: int, inside: float = 0.8, outside: float = 0.1) -> graph.Square:
    """Likeness of groups of these sizes."""
    number = np.repeat(np.arange(len(blocks)), blocks)
    alike = np.where(number[:, np.newaxis] == number, inside, outside).astype(np.float32)
    np.fill_diagonal(alike, 1.0)
    return alike


def sets(found: list[int]) -> list[set[int]]:
    return [{at for at, each in enumerate(found) if each == number} for number in sorted(set(found))]


def test_groups_are_what_is_alike() -> None:
    assert sets(graph.groups(squares(3, 4, 1))) == [{0, 1, 2}, {3, 4, 5, 6}, {7}]
    assert graph.groups(squares()) == []
    assert graph.groups(squares(1)) == [0]
    assert sets(graph.groups(squares(2, inside=0.2))) == [{0}, {1}]  # less than the floor


def test_one_link_does_not_make_one_story_of_two() -> None:
    alike = squares(2, 2)
    alike[1, 2] = alike[2, 1] = 0.3  # as when one report on the storm mentions the fire
    assert sets(graph.groups(alike)) == [{0, 1}, {2, 3}]
    alike[0, 3] = alike[3, 0] = 0.3
    assert sets(graph.groups(alike)) == [{0, 1, 2, 3}]
    assert sets(graph.groups(alike[:3, :3])) == [{0, 1, 2}]  # a single article needs one link only


def test_what_is_elsewhere_does_not_matter() -> None:
    alone = sets(graph.groups(squares(3, 4)))
    among = sets(graph.groups(squares(3, 4, *[5] * 40)))
    assert among[:2] == alone


def test_editors_are_obeyed_against_the_graph() -> None:
    alike = squares(4, 4)
    parted = graph.groups(alike, Said(apart=[(0, 1)]))
    assert parted[0] != parted[1]
    assert sets(graph.groups(alike, Said(together=[(0, 4)]))) == [set(range(8))]
    both = graph.groups(alike, Said(together=[(0, 4), (1, 2)], apart=[(0, 1)]))
    assert both[0] == both[4] != both[1] == both[2]
    for seed in range(20):
        drawn = np.random.default_rng(seed)
        noise = drawn.random((12, 12)).astype(np.float32)
        apart = [tuple(sorted(drawn.choice(12, 2, replace=False).tolist())) for _ in range(5)]
        found = graph.groups(
            np.asarray((noise + noise.T) / 2, dtype=np.float32), Said(apart=[(one, other) for one, other in apart])
        )
        assert all(found[one] != found[other] for one, other in apart)


def test_likeness_heeds_words_names_time_and_model() -> None:
    def reading(text: str, days: float = 0, model: str = "m") -> Reading:
        terms, names = read_words("", text, "en")
        at = NOON + timedelta(days=days)
        return Reading(text, text, "o", "u", lexical.hashed([text])[0], model, terms, names, at, True, None, False)

    one, same = FLOOD.format(4000, "today"), FLOOD.format(4000, "today")
    alike = graph.likeness(
        [reading(one), reading(same), reading(one, 14), reading(one, 0, "n"), reading("x y")], {}, {}
    )
    assert alike[0, 1] == pytest.approx(1.0, abs=1e-3)
    assert alike[0, 2] == pytest.approx(0.92, abs=1e-3)
    assert alike[0, 3] == pytest.approx(0.8, abs=1e-3)
    assert alike[0, 4] == pytest.approx(0.0, abs=0.02)
    assert graph.likeness([], {}, {}).shape == (0, 0)


def test_a_story_keeps_its_identity() -> None:
    new = (f"new{number}" for number in itertools.count())
    before = {**dict.fromkeys("abc", "s1"), **dict.fromkeys("de", "s2"), "f": "s3", "g": "s4"}

    def moved(groups: list[set[str]], active: str = "abcdefg") -> list[Move]:
        return identity.moves(groups, before, set(active), lambda each: each, lambda: next(new))

    assert moved([{"a", "b", "c"}, {"d", "e"}, {"f"}, {"g"}]) == []
    assert moved([{"a", "b", "c", "d", "e"}, {"f"}, {"g"}]) == [Move("s2", "s1", ("d", "e"), False)]
    assert moved([{"a", "b"}, {"c"}, {"d", "e"}, {"f"}, {"g"}]) == [Move("s1", "new0", ("c",), True)]
    assert moved([{"f", "g"}]) == [Move("s4", "s3", ("g",), False)]  # of equals the older one stays
    assert moved([{"a", "b", "c", "d"}, {"e"}]) == [Move("s2", "s1", ("d",), False)]
    assert moved([{"a", "b", "c", "d", "e"}], active="f") == []


def _regroup(database: Database) -> dict[str, Any]:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "stories.regroup", {})
    run_all(database)
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert job.state == "completed", job.error
        return dict(job.result or {})


def _where(database: Database) -> dict[str, str]:
    with database.read() as session:
        return dict(session.execute(sa.select(Placement.article_id, Placement.story_id)).all())


def _scatter(database: Database, article_ids: list[str]) -> list[str]:
    """Put articles into stories of their own, as a leader does that saw them in a bad order."""
    where, made = _where(database), []
    for article_id in article_ids:
        with database.transaction() as session:
            held, readings = keeping.lock(session), retelling.read(session, [article_id])
            move = Move(where[article_id], f"apart-{article_id}", (article_id,), True)
            applying.apply(session, held, [move], readings, [{}], "test")
            made.append(move.to_id)
    return made


@pytest.fixture
def floods(database: Database, add_article: AddArticle) -> list[str]:
    """Five reports of one flood, and one of something else."""
    found = [
        add_article(f"Flood {n}", FLOOD.format(4000, "again " * n), f"Outlet{n} x", NOON + timedelta(hours=n))
        for n in range(5)
    ]
    found.append(add_article("Final", FINAL.format(2, "sang"), "Sport x", NOON))
    run_all(database)
    return found


def test_a_pass_joins_what_the_leader_left_apart_and_says_why(database: Database, floods: list[str]) -> None:
    story_id = _where(database)[floods[0]]
    gone = _scatter(database, floods[3:5])
    assert _regroup(database)["moved"] == 2
    where = _where(database)
    assert {where[each] for each in floods[:5]} == {story_id}
    assert where[floods[5]] != story_id
    with database.read() as session:
        story = queries.story(session, story_id)
        assert (story.article_count, story.outlet_count) == (5, 5)
        assert [queries.current(session, each) for each in gone] == [story_id] * 2
        assert sorted(each.id for each in queries.top(session)) == sorted({story_id, where[floods[5]]})
        assert queries.count(session) == 2
        said = [timeline.why_changed(each, story_id) for each in queries.changes(session, story_id)]
        roles = [each.role for each in queries.placements(session, story_id)]
    assert "was merged into this story: 1 article; they are " in said[0]
    assert "orne" in said[0]
    assert any("became a story of their own; an editor said so" in each for each in said)
    assert roles == ["first_report", *["follow_up"] * 4]
    assert _regroup(database)["moved"] == 0


def test_a_pass_parts_what_does_not_belong_together(
    database: Database, add_article: AddArticle, floods: list[str]
) -> None:
    more = [add_article(f"Final {n}", FINAL.format(2, "danced " * n), f"S{n} x", NOON) for n in range(3)]
    copy = add_article("Final 0", FINAL.format(2, ""), "Echo x", NOON, duplicate_of=more[0])
    run_all(database)
    where = _where(database)
    finals = [*more, floods[5]]
    with database.transaction() as session:
        held, readings = keeping.lock(session), retelling.read(session, finals)
        move = Move(where[more[0]], where[floods[0]], tuple(finals), False)
        applying.apply(session, held, [move], readings, [{}], "test")
    assert len(set(_where(database).values())) == 1
    assert _regroup(database)["moved"] == 4
    where = _where(database)
    assert where[copy] == where[more[0]] == where[floods[5]] != where[floods[0]]
    with database.read() as session:
        told = timeline.why_changed(queries.changes(session, where[more[0]])[0], where[more[0]])
        assert told.startswith("This story was split from")
        assert {each.role for each in queries.placements(session, where[more[0]])} == {
            "first_report",
            "follow_up",
            "copy",
        }


def test_an_editors_split_is_obeyed_by_every_later_pass(
    database: Database, add_article: AddArticle, floods: list[str]
) -> None:
    story_id = _where(database)[floods[0]]
    with database.transaction() as session:
        other = verdicts.split(session, ADA, story_id, floods[3:5])
    for _ in range(2):
        _regroup(database)
        where = _where(database)
        assert [where[each] for each in floods[:5]] == [story_id] * 3 + [other] * 2
    late = add_article("Flood 9", FLOOD.format(4000, "late"), "Late x", NOON + timedelta(hours=9))
    run_all(database)
    _regroup(database)
    assert _where(database)[late] in (story_id, other)
    with database.transaction() as session:
        verdicts.merge(session, ADA, other, story_id)
        assert not list(session.scalars(sa.select(StoryVerdict).where(~StoryVerdict.together)))
    _regroup(database)
    assert {_where(database)[each] for each in floods[:5]} == {story_id}


def test_a_copy_parts_with_its_original(database: Database, add_article: AddArticle, floods: list[str]) -> None:
    copy = add_article("Flood 1", FLOOD.format(1000, "copied"), "Copy x", NOON, duplicate_of=floods[0])
    run_all(database)
    with database.transaction() as session:
        other = verdicts.split(session, ADA, _where(database)[copy], [copy])
    where = _where(database)
    assert where[copy] == where[floods[0]] == other != where[floods[1]]


def test_an_editors_merge_is_obeyed_by_every_later_pass(database: Database, floods: list[str]) -> None:
    where = _where(database)
    with database.transaction() as session:
        verdicts.merge(session, ADA, where[floods[5]], where[floods[0]])
    for _ in range(2):
        _regroup(database)
        assert set(_where(database).values()) == {where[floods[0]]}
    with database.read() as session:
        assert queries.current(session, where[floods[5]]) == where[floods[0]]
        told = timeline.why_changed(queries.changes(session, where[floods[0]])[0], where[floods[0]])
        assert told == "“Final” was merged into this story: 1 article; an editor said so."


def test_of_two_stories_that_an_editor_joins_the_larger_stays(database: Database, floods: list[str]) -> None:
    large = _where(database)[floods[0]]
    with database.transaction() as session:
        small = verdicts.split(session, ADA, large, floods[:1])
    with database.transaction() as session:
        assert verdicts.join(session, ADA, large, small) == large
    assert {_where(database)[each] for each in floods[:5]} == {large}
    with pytest.raises(SplitUnfit, match="itself"), database.transaction() as session:
        verdicts.join(session, ADA, large, large)


def test_splits_that_make_no_sense_are_refused(database: Database, floods: list[str]) -> None:
    where = _where(database)
    story_id = where[floods[0]]
    for wrong in ([], floods[:5], [floods[5]], ["nobody"]):
        with pytest.raises(SplitUnfit), database.transaction() as session:
            verdicts.split(session, ADA, story_id, wrong)
    with pytest.raises(SplitUnfit, match="itself"), database.transaction() as session:
        verdicts.merge(session, ADA, story_id, story_id)
    with pytest.raises(StoryNotFound), database.transaction() as session:
        verdicts.merge(session, ADA, story_id, "nowhere")
    with database.transaction() as session:
        verdicts.merge(session, ADA, where[floods[5]], story_id)
    with pytest.raises(StoryNotFound, match="merged"), database.transaction() as session:
        verdicts.merge(session, ADA, where[floods[5]], story_id)


def test_windows_learn_what_a_pass_has_changed(database: Database, add_article: AddArticle, floods: list[str]) -> None:
    (gone,) = _scatter(database, floods[4:5])
    _regroup(database)
    late = add_article("Flood 9", FLOOD.format(4000, "late"), "Late x", NOON + timedelta(hours=9))
    run_all(database)
    where = _where(database)
    assert where[late] == where[floods[0]]
    assert gone not in place_tasks._memory.window.stories
    with database.read() as session:
        assert session.get_one(Story, where[late]).article_count == 6


def test_what_came_meanwhile_stops_a_part_of_the_pass(
    database: Database, floods: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _scatter(database, floods[4:5])
    monkeypatch.setattr(applying, "unchanged", lambda *_: False)
    assert _regroup(database)["moved"] == 0
    monkeypatch.undo()
    with database.read() as session:
        before = dict.fromkeys(floods[:2], _where(database)[floods[0]])
        assert applying.unchanged(session, before)
        assert not applying.unchanged(session, before | {floods[5]: "elsewhere"})


def test_a_story_whose_analyses_are_gone_is_counted_and_stays(database: Database, floods: list[str]) -> None:
    story_id = _where(database)[floods[0]]
    with database.transaction() as session:
        session.execute(sa.delete(Analysis).where(Analysis.article_id.in_(floods[1:5])))
    with database.transaction() as session:
        verdicts.split(session, ADA, story_id, floods[:1])
    with database.read() as session:
        story = queries.story(session, story_id)
        assert (story.article_count, story.outlet_count, story.merged_into) == (4, 4, None)
    with pytest.raises(SplitUnfit, match="not analysed"), database.transaction() as session:
        verdicts.split(session, ADA, story_id, floods[1:2])


def test_signs_of_merged_stories_go_with_the_story(database: Database, floods: list[str]) -> None:
    where = _where(database)
    with database.transaction() as session:
        verdicts.merge(session, ADA, where[floods[5]], where[floods[0]])
    with database.transaction() as session:
        service.forget(session, floods)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Story)) == 0
