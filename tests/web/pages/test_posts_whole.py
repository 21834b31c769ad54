"""A post with all that belongs to it: its picture, its time, where it went, and what its sources say now."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.articles import versions
from stonehand.articles.models import Article, StoredText
from stonehand.channels import service as channels
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.jobs.models import Schedule
from stonehand.jobs.testing import run_all
from stonehand.nlp import embedding, lexical
from stonehand.posts import queries
from stonehand.publications import approvals, watching
from stonehand.publications import queries as publications
from stonehand.publications.errors import ContentNotApproved
from stonehand.publications.models import Publication
from stonehand.reviews import queries as reviews
from stonehand.reviews import service as reviewing
from stonehand.timing import wishes
from tests.drafts.material import HARBOUR
from tests.publications.kinds import Changeable
from tests.reviews import desk
from tests.reviews.desk import ANN
from tests.web.pages import newsroom
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit
from tests.web.pages.test_posts import form

pytestmark = pytest.mark.usefixtures("pipeline")
PICTURE = "https://pictures.example/bridge.jpg"
ALT = "The closed bridge <at night>"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors without a model, and a channel that can change what it shows."""
    monkeypatch.setattr(embedding, "embed", lexical.hashed)
    made = Changeable()
    monkeypatch.setattr(channels, "plugin", lambda _kind: made)


@pytest.fixture
def site(database: Database) -> str:
    with database.transaction() as session:
        return desk.channel(session, "site")


@pytest.fixture
def shown(database: Database, quick: None, site: str) -> Publication:
    (review,) = desk.written(database)
    with database.transaction() as session:
        reviewing.approve(session, review.id, ANN, accept_unsupported=True, time_to_undo=timedelta())
    run_all(database)
    with database.read() as session:
        return publications.newest(session)[0]


def test_a_picture_is_proposed_chosen_reviewed_and_never_loaded(visit: Visit, database: Database, site: str) -> None:
    with database.transaction() as session:
        article = newsroom.article(session, HARBOUR, image_url=PICTURE, licence="CC BY 4.0")
    browser = visit("editor")
    browser.go(f"/posts/new?article={article}")
    browser.send("/posts/new", title="Bridge closes", keyword="", language="", article=[article])
    with database.read() as session:
        post_id = queries.posts(session)[0].id
    page = browser.go(f"/posts/{post_id}")
    assert "licence: CC BY 4.0" in words(page)
    assert 'name="image_url" type="url" inputmode="url" value=""' in page, "none is taken by itself"
    chosen = browser.send(f"/posts/{post_id}/measure", **form(browser, post_id, picture=PICTURE))
    assert f'value="{PICTURE}"' in chosen
    refused = browser.send(f"/posts/{post_id}/save", 422, **form(browser, post_id, image_url=PICTURE))
    assert "no words for those who cannot see it" in refused
    wish = form(browser, post_id, image_url=PICTURE, image_alt=ALT, categories="Harbour, Traffic")
    framed = browser.answer(f"/posts/{post_id}/preview", **wish).text
    assert html.escape(ALT) in framed
    assert "not loaded here" in framed
    assert "<img" not in framed
    browser.go(f"/posts/{post_id}")
    browser.send(f"/posts/{post_id}/save", **wish, hand_in="yes")
    with database.read() as session:
        [(review, _, _)] = reviews.queue(session)
    page = visit("publisher").go(f"/review/{review.id}")
    assert all(each in words(page) for each in (ALT, PICTURE, "Harbour, Traffic"))
    assert f'src="{PICTURE}"' not in page
    with database.transaction() as session:
        decided = reviewing.approve(session, review.id, ANN, [site], accept_unsupported=True)
        piece = approvals.approved(session, decided.id).piece("p", db.now(session))
    assert (piece.image_url, piece.image_alt, piece.categories) == (PICTURE, ALT, ("Harbour", "Traffic"))


def test_what_was_approved_with_one_picture_does_not_go_out_with_another(
    database: Database, quick: None, site: str
) -> None:
    (review,) = desk.written(database)
    with database.transaction() as session:
        decided = reviewing.approve(session, review.id, ANN, accept_unsupported=True)
        drafts.revision(session, decided.revision_id).image_url = PICTURE
    with database.read() as session, pytest.raises(ContentNotApproved):
        approvals.approved(session, review.id)


def test_a_post_is_approved_with_a_time(visit: Visit, database: Database, quick: None, site: str) -> None:
    (review,) = desk.written(database)
    publisher, here = visit("publisher"), f"/review/{review.id}"
    page = publisher.go(here)
    assert 'name="due" type="datetime-local" value=""' in page
    wish = {"channel": site, "accept_unsupported": "true", "zone": "UTC"}
    assert "is past" in publisher.send(f"{here}/approve", 422, **wish, due="2001-01-01T09:00")
    again = publisher.send(f"{here}/approve", 422, **wish | {"zone": "Moon"}, due="2030-01-01T09:00")
    assert 'value="2030-01-01T09:00"' in again, "what was typed stands there still"
    with database.read() as session:
        at = (db.now(session) + timedelta(days=2)).replace(minute=5, second=0, microsecond=0)
    said = publisher.send(f"{here}/approve", **wish, due=f"{at:%Y-%m-%dT%H:%M}")
    assert f"It goes out at {at:%Y-%m-%d %H:%M} (UTC)" in words(said)
    with database.read() as session:
        assert [each.due_at for each in wishes.of_draft(session, review.draft_id)] == [at]


def test_schedule_leads_to_the_calendar_with_the_post_chosen(
    visit: Visit, database: Database, quick: None, site: str
) -> None:
    (review,) = desk.written(database)
    publisher, address = visit("publisher"), f"/calendar?draft={review.draft_id}#schedule"
    assert address in publisher.go("/posts")
    assert address in publisher.go(f"/posts/{review.draft_id}")
    assert address not in visit("editor").go("/posts"), "who may not publish is not asked when"
    page = publisher.go(f"/calendar?draft={review.draft_id}")
    first = page.partition('<select id="draft"')[2].partition("<option")[2]
    assert first.startswith(f' value="{review.draft_id}"')
    wish = {"draft": review.draft_id, "channel": site, "zone": "UTC", "due": "2001-01-01T09:00"}
    assert "is past" in publisher.send("/calendar/schedule", 422, **wish)


def test_a_post_leads_to_where_it_went(visit: Visit, database: Database, shown: Publication) -> None:
    here = f"/posts/{shown.draft_id}"
    page = visit("publisher").go(here)
    assert f"/publications/{shown.id}#correct" in page
    assert f"/publications/{shown.id}#retract" in page
    assert "#retract" not in visit("editor").go(here)
    assert "#correct" not in visit("viewer").go(here)
    publisher = visit("publisher")
    publisher.go(f"/publications/{shown.id}")
    publisher.send(f"/publications/{shown.id}/retract", reason="Made up.")
    assert "Being taken back" in words(publisher.go("/posts?status=retracting"))
    run_all(database)
    page = words(publisher.go("/posts?status=retracted"))
    assert shown.title in page
    assert "#retract" not in publisher.go(here)


def test_the_list_finds_what_is_being_corrected(visit: Visit, database: Database, shown: Publication) -> None:
    with database.read() as session:
        text = drafts.piece(session, shown.revision_id).markdown
    editor_ = visit("editor")
    editor_.go(f"/publications/{shown.id}")
    editor_.send(
        f"/publications/{shown.id}/correct", title=shown.title, text=f"It costs 3.\n\n{text}", note="The price."
    )
    assert "Being corrected" in words(editor_.go("/posts?status=correcting"))
    page = editor_.go(f"/posts/{shown.draft_id}")
    assert "Save as version 3" in words(page), "the correction is still in its review"
    assert "#correct" not in page, "one correction at a time"


def test_the_change_of_a_cited_source_stands_on_the_page(visit: Visit, database: Database, shown: Publication) -> None:
    with database.transaction() as session:
        watching.look(session)
        cited = next(one.article_id for one in drafts.citations(session, shown.revision_id) if one.article_id)
        article = session.get_one(Article, cited)
        old = session.scalars(sa.select(StoredText.text).where(StoredText.article_id == cited)).one()
        versions._keep(session, article, old, db.now(session))
        session.execute(
            sa.update(StoredText).where(StoredText.article_id == cited).values(text="Nobody closes <b>any</b> bridge.")
        )
    with database.transaction() as session:
        watching.look(session)
    page = visit("editor").go(f"/publications/{shown.id}")
    assert "its text has changed" in words(page)
    assert "<ins>" in page
    assert "&lt;b&gt;any&lt;/b&gt;" in page
    assert "<b>any" not in page


def test_an_agent_that_runs_often_does_not_fill_the_calendar(visit: Visit, database: Database) -> None:
    with database.transaction() as session:
        noon = db.now(session).replace(hour=12, minute=0) + timedelta(days=1)
        for name, cron in (("agents.often", "*/5 * * * *"), ("agents.daily", "0 12 * * *")):
            facts = {
                "queue": "generation",
                "every_seconds": 0,
                "cron": cron,
                "timezone": "UTC",
                "args": {},
                "next_at": noon,
            }
            session.add(Schedule(name=name, task="agents.run", is_enabled=True, **facts))
        session.add(Schedule(name="agents.old-name", task="agents.other", is_enabled=True, **facts))
    page = visit("viewer").go("/calendar?span=week&at=" + f"{noon:%Y-%m-%d}")
    assert page.count(">agents.often, 144 runs from then on<") == 1
    assert page.count(">agents.daily<") >= 1
    assert "agents.old-name" not in page, "what keeps an old name alive is no agent"
