"""The list of stories, one story told, and asking for a draft of it."""

from __future__ import annotations

import re

import pytest

from stonehand.articles.queries import texts
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.jobs.testing import run_all
from stonehand.stories import queries
from stonehand.stories.models import Story
from stonehand.stories.states import StoryState
from stonehand.web.pages import cards
from tests.drafts import world
from tests.drafts.material import HARBOUR, RIVAL
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
LATER = ("generation", "reviews")


@pytest.fixture
def story_id(database: Database) -> str:
    with database.transaction() as session:
        texts = (("Harbour Post", HARBOUR), ("Norwick Daily", RIVAL), ("The Echo", HARBOUR))
        made = world.story(session, texts, copies=1)
        first, *_, copy = queries.placements(session, made)
        copy.original_id = first.article_id
        return made


def test_a_story_is_told_newest_first_with_copies_and_reasons(visit: Visit, story_id: str) -> None:
    page = visit("viewer").go(f"/stories/{story_id}")
    text = words(page)
    assert text.index("Norwick Daily Latest") < text.index("Harbour Post First report")
    assert "Same text at The Echo" in text
    assert "/draft" not in page


def test_each_sentence_in_short_stands_in_the_article_it_links_to(
    database: Database, visit: Visit, story_id: str
) -> None:
    _quotes_stand_where_they_lead(database, visit("viewer"), story_id)
    visit("editor").go("/stories")
    editor = visit("editor")
    editor.go(f"/stories/{story_id}")
    editor.send(f"/stories/{story_id}/draft")
    run_all(database, queues=LATER)
    _quotes_stand_where_they_lead(database, visit("viewer"), story_id)


def _quotes_stand_where_they_lead(database: Database, browser: object, story_id: str) -> None:
    import html

    page = html.unescape(browser.go(f"/stories/{story_id}"))  # type: ignore[attr-defined]
    quoted = re.findall(r'<li><q>(.*?)</q> <a class="cite" href="/articles/([^#]+)#at-(\d+)"', page)
    assert quoted
    for quote, article_id, anchor in quoted:
        with database.read() as session:
            text = texts(session, [article_id])[article_id].text
        passage = text[int(anchor) :].partition("\n")[0]
        assert quote in passage
        assert f'id="at-{anchor}"' in browser.go(f"/articles/{article_id}")  # type: ignore[attr-defined]


def test_a_draft_is_commissioned_once(database: Database, visit: Visit, story_id: str) -> None:
    editor = visit("editor")
    assert f'action="/stories/{story_id}/draft"' in editor.go(f"/stories/{story_id}")
    page = editor.send(f"/stories/{story_id}/draft")
    assert "A draft is being written" in page
    assert "Being written" in words(page)
    assert f'action="/stories/{story_id}/draft"' not in page
    assert "has an open draft already" in editor.send(f"/stories/{story_id}/draft")
    run_all(database, queues=LATER)
    with database.read() as session:
        assert len(drafts.of_story(session, story_id)) == 1
    page = editor.go("/stories")
    assert "Review the draft" in page
    link = re.search(r'href="(/review/[^"]+)"', page)
    assert link
    editor.go(link[1])


def test_viewers_cannot_commission(visit: Visit, story_id: str) -> None:
    viewer = visit("viewer")
    viewer.go("/account")
    viewer.send(f"/stories/{story_id}/draft", 403)


def test_the_list_is_narrowed_by_state_and_words(database: Database, visit: Visit, story_id: str) -> None:
    with database.transaction() as session:
        other = world.story(session)
        found = session.get(Story, other)
        assert found
        found.title, found.state = "Still air 100% of the week", StoryState.EMERGING
    viewer = visit("viewer")
    assert {story_id, other} == _ids(viewer.go("/stories"))
    assert {other} == _ids(viewer.go("/stories?show=emerging"))
    assert {other} == _ids(viewer.go("/stories?q=AIR+week"))
    assert {other} == _ids(viewer.go("/stories?q=100%25"))
    assert "No story has these words." in viewer.go("/stories?q=zebra")
    assert {story_id, other} == _ids(viewer.go("/stories?show=nonsense"))


def _ids(page: str) -> set[str]:
    return set(re.findall(r'<h2><a href="/stories/([^"]+)"', page))


def test_a_long_list_comes_in_parts(database: Database, visit: Visit) -> None:
    with database.transaction() as session:
        made = [world.story(session, (("Harbour Post", "One."),), rank=float(rank)) for rank in range(23)]
    viewer = visit("viewer")
    page = viewer.go("/stories?show=developing")
    assert _ids(page) == set(made[3:])
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older
    page = viewer.go(older[1].replace("&amp;", "&"))
    assert _ids(page) == set(made[:3])
    assert 'href="/stories?show=developing" rel="prev"' in page


def test_an_unknown_story_is_not_found(visit: Visit) -> None:
    assert "it may have been removed" in visit("viewer").go("/stories/none", 404)


@pytest.mark.parametrize(
    ("outlets", "articles", "latest", "sentence"),
    [
        (1, 1, 1, "One report so far."),
        (1, 3, 3, "3 reports by one outlet; nobody else has it yet."),
        (4, 4, 4, "4 outlets report it; all of its 4 articles came within a day."),
        (3, 7, 2, "3 outlets report it; 2 of its 7 articles came within a day."),
    ],
)
def test_why_a_story_ranks_here(outlets: int, articles: int, latest: int, sentence: str) -> None:
    assert cards.why(outlets, articles, latest) == sentence


def test_a_list_takes_the_same_number_of_queries_however_long(database: Database) -> None:
    import sqlalchemy as sa

    with database.transaction() as session:
        for rank in range(12):
            world.story(session, rank=float(rank))
    counts = []
    for size in (2, 12):
        asked: list[str] = []

        def note(*arguments: object, log: list[str] = asked) -> None:
            log.append(str(arguments[2]))

        with database.read() as session:
            found = queries.top(session, size)
            sa.event.listen(database.engine, "before_cursor_execute", note)
            cards.cards(session, found)
            sa.event.remove(database.engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6
