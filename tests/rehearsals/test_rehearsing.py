"""Prompts tried on real stories: previews, one try, a replay with its caps. No draft comes of any of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import config
from stonehand.accounts.permissions import Person, granted
from stonehand.articles.models import Article
from stonehand.comments.models import FoundArticle
from stonehand.db import Database, Session, now
from stonehand.drafts import prompts
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts import tasks as _drafts  # noqa: F401  declares the jobs
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.states import DraftState
from stonehand.errors import Rejected, StonehandError
from stonehand.jobs import follow
from stonehand.jobs.testing import run_all
from stonehand.llm import asking, configured, spans
from stonehand.llm.errors import BudgetSpent
from stonehand.platforms.models import Platform
from stonehand.prompts import queries as library
from stonehand.prompts import service
from stonehand.prompts.errors import PromptInvalid, TemplateInvalid
from stonehand.prompts.service import Wish
from stonehand.rehearsals import previewing, queries, tasks
from stonehand.rehearsals import service as rehearsing
from stonehand.rehearsals.errors import NothingToAsk, SubjectUnfit
from stonehand.rehearsals.service import Caps
from stonehand.rehearsals.subjects import Subject
from stonehand.web.pages import rehearsal_reading
from tests.drafts import world
from tests.drafts.conftest import quick_vectors
from tests.drafts.honest import HonestModel

__all__ = ["quick_vectors"]
pytestmark = pytest.mark.usefixtures("quick_vectors")
ADA = Person("u1", "ada@newsroom.example", "Ada", "editor", granted("editor"))


@pytest.fixture(autouse=True)
def pipeline() -> Iterator[None]:
    world.follow()
    yield
    follow([])


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> HonestModel:
    made = HonestModel()
    monkeypatch.setattr(asking, "ask", made.ask)
    monkeypatch.setattr(configured, "is_any", lambda session: True)
    return made


@pytest.fixture
def two(database: Database) -> list[str]:
    """Two drafts, written without a model."""
    with database.transaction() as session:
        ids = [drafting.commission(session, world.story(session), "Ada") for _ in range(2)]
    run_all(database)
    return ids


def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model in the settings, whose prices count."""
    monkeypatch.setenv("STONEHAND_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("STONEHAND_LLM_MODEL", "m")


def test_a_preview_shows_every_word_and_what_it_may_cost(
    database: Database, monkeypatch: pytest.MonkeyPatch, model: HonestModel
) -> None:
    named(monkeypatch)
    monkeypatch.setenv("STONEHAND_LLM_OUTPUT_PRICE", "10")
    config.settings.cache_clear()
    with database.transaction() as session:
        story = world.story(session)
        article = session.scalars(sa.select(Article.id)).first() or ""
        prompt = library.prompt(session, "news-piece")
        found = previewing.preview(session, prompt, Subject(story_id=story))
        alone = previewing.preview(session, prompt, Subject(article_id=article))
        typed = previewing.typed(prompt, "Write in {{ language }}, as {{ today }} asks.")
        other = previewing.preview(session, typed, Subject(story_id=story))
    system, user = found.messages
    assert "four to ten sentences" in system.text
    assert "eastern pylon" in user.text
    assert user.text.count("<source-") == 2
    assert alone.messages[1].text.count("<source-") == 1
    assert "as 20" in other.messages[0].text
    assert "Rules." in other.messages[0].text
    assert found.estimate.worst_micro >= 10 * found.estimate.most_output_tokens
    assert found.estimate.input_tokens > len(user.text) // 5
    assert model.asked == []


def test_what_a_prompt_cannot_be_tried_on(database: Database, two: list[str]) -> None:
    with database.read() as session:
        for key in ("digest", "rewrite-with-notes", "headline-and-metas"):
            story = drafts.draft(session, two[0]).story_id
            with pytest.raises(SubjectUnfit):
                previewing.preview(session, library.prompt(session, key), Subject(story_id=story))
        with pytest.raises(SubjectUnfit, match="name a story"):
            previewing.preview(session, library.prompt(session, "news-piece"), Subject())
        with pytest.raises(TemplateInvalid):
            previewing.typed(library.prompt(session, "news-piece"), "{{ title }}")
        kept = previewing.preview(session, library.prompt(session, "rewrite-with-notes"), Subject(draft_id=two[0]))
        assert "<earlier-" in kept.messages[1].text
        with pytest.raises(NothingToAsk):
            rehearsing.ask_try(session, ADA, library.prompt(session, "news-piece"), Subject(draft_id=two[0]))


def test_one_try_is_shown_and_never_a_draft(database: Database, model: HonestModel) -> None:
    with database.transaction() as session:
        story = world.story(session)
        made = rehearsing.ask_try(session, ADA, library.prompt(session, "explainer"), Subject(story_id=story)).id
    run_all(database)
    with database.read() as session:
        found = queries.rehearsal(session, made)
        assert (found.state, found.done, found.error) == ("done", 1, "")
        [item] = queries.items(session, made)
        assert item.new is not None
        assert item.new["model"] == "honest"
        assert item.new["supported"] == 1.0
        assert "## What happened" in item.new["markdown"]
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(Revision)) == 0


def test_a_replay_sets_old_beside_new_and_leaves_drafts_alone(
    database: Database, two: list[str], model: HonestModel
) -> None:
    with database.transaction() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Revision))
        service.create(session, ADA, Wish("Ours", "write", "Write in {{ language }}."))
        prompt = library.prompt(session, "ours")
        as_written = rehearsing.ask_replay(session, ADA, prompt, "", Caps(5, 0)).id
        beside = rehearsing.ask_replay(session, ADA, prompt, "news-piece", Caps(1, 0)).id
        with pytest.raises(PromptInvalid, match="purpose"):
            rehearsing.ask_replay(session, ADA, prompt, "digest")
        with pytest.raises(SubjectUnfit, match="1 to 50"):
            rehearsing.ask_replay(session, ADA, prompt, "", Caps(51, 0))
        with pytest.raises(SubjectUnfit, match="last 30 days"):
            rehearsing.ask_replay(session, ADA, library.prompt(session, "digest"))
    run_all(database)
    with database.read() as session:
        found = queries.rehearsal(session, as_written)
        assert (found.state, found.total, found.done) == ("done", 2, 2)
        assert found.report["old"]["texts"] == found.report["new"]["texts"] == 2
        assert found.report["old"]["supported"] == 1.0
        assert found.report["new"]["cost_micro"] == 10
        [one] = queries.items(session, beside)
        assert one.old is not None
        assert one.old["model"] == "honest"
        assert session.scalar(sa.select(sa.func.count()).select_from(Revision)) == before
        assert {drafts.draft(session, id_).state for id_ in two} == {"in_review"}


def test_a_replay_stops_before_its_cap_and_at_the_budget(
    database: Database, two: list[str], model: HonestModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch)
    monkeypatch.setenv("STONEHAND_LLM_OUTPUT_PRICE", "10")
    config.settings.cache_clear()
    with database.transaction() as session:
        prompt = library.prompt(session, "news-piece")
        capped = rehearsing.ask_replay(session, ADA, prompt, "", Caps(5, 100)).id
    run_all(database)
    with database.read() as session:
        found = queries.rehearsal(session, capped)
        assert (found.state, found.spent_micro) == ("capped", 0)
        assert "cap" in found.error
    assert model.asked == []
    with database.transaction() as session:
        spent = rehearsing.ask_replay(session, ADA, prompt, "", Caps(5, 10**9)).id
    model.raises = BudgetSpent(
        "today's budget is spent", found.created_at, spans.now_of(found.created_at, "all", "", "day")
    )
    run_all(database)
    with database.read() as session:
        row = queries.rehearsal(session, spent)
        assert (row.state, row.done, row.report["failed"], row.report["left"]) == ("capped", 0, 0, 2)
        assert "budget is spent" in row.error


def test_a_capped_replay_counts_only_what_was_written(
    database: Database, two: list[str], model: HonestModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The story before which it stopped used to count as done."""
    with database.transaction() as session:
        prompt = library.prompt(session, "news-piece")
        made = rehearsing.ask_replay(session, ADA, prompt, "", Caps(5, 10**9)).id
    answers = iter(["", "it stopped at its cap"])
    monkeypatch.setattr(tasks, "_cap", lambda *_: next(answers))
    run_all(database)
    with database.read() as session:
        row = queries.rehearsal(session, made)
        words = rehearsal_reading.view(session, made).words
    assert (row.total, row.done, row.report["left"], row.error) == (2, 1, 1, "it stopped at its cap")
    assert words.startswith("1 of 2 stories written, 1 left, cost ")


def test_a_replay_that_was_refused_some_stories_says_how_many(
    database: Database, two: list[str], model: HonestModel
) -> None:
    model.raises = Rejected("the answer was no piece")
    with database.transaction() as session:
        made = rehearsing.ask_replay(session, ADA, library.prompt(session, "news-piece"), "", Caps(5, 10**9)).id
    run_all(database)
    with database.read() as session:
        row = queries.rehearsal(session, made)
        assert (row.state, row.done, row.report["failed"], row.report["left"]) == ("done", 0, 2, 0)
        assert rehearsal_reading.view(session, made).words.startswith("0 of 2 stories written, 2 failed, cost ")


def test_titles_are_found_for_a_text(database: Database, two: list[str], model: HonestModel) -> None:
    with database.transaction() as session:
        prompt = library.prompt(session, "headline-and-metas")
        made = rehearsing.ask_try(session, ADA, prompt, Subject(draft_id=two[0])).id
    run_all(database)
    with database.read() as session:
        [item] = queries.items(session, made)
        assert item.new is not None
        assert item.new["titles"] == ["Cracked bolts close the harbour bridge in Norwick"]
        assert len(item.new["meta_title"]) <= 70


def test_the_reviewers_note_reaches_the_writer_with_the_text_as_it_was(
    database: Database, two: list[str], model: HonestModel
) -> None:
    with database.transaction() as session:
        drafting.move(session, two[0], DraftState.CHANGES_REQUESTED, "Say first what it costs.")
        drafting.rewrite(session, two[0])
    run_all(database)
    system, user = model.asked[-1]
    assert "A reviewer read it and asks: Say first what it costs." in system.text
    assert "<earlier-" in user.text
    assert "Say first what it costs" not in user.text
    with database.read() as session:
        revision = drafts.revision(session, drafts.draft(session, two[0]).current_revision_id or "")
        assert (revision.writer, revision.prompt_version) == ("model", "rewrite-with-notes@1")
        told = revision.provenance
        assert told["purpose"] == "rewrite"
        assert told["instructions"] == {"note": "Say first what it costs."}
        assert len(told["articles"]) == 2
        assert told["rounds"] == 1
        assert revision.meta_title
        assert revision.meta_description
        assert revision.keywords


def test_an_agents_wishes_and_its_prompt_reach_the_model(database: Database, model: HonestModel) -> None:
    from stonehand.drafts import briefing
    from stonehand.drafts.pieces import Instructions
    from stonehand.drafts.pieces import Wish as PieceWish

    with database.transaction() as session:
        wish = Instructions(
            agent_id="a1", prompt_id="explainer@1", model_id="m1", persona="a pilot", words=600, language="de"
        )
        draft_id = drafting.commission_piece(
            session, PieceWish("T", "a1", story_id=world.story(session), instructions=wish)
        )
        brief = briefing.for_writing(session, drafts.draft(session, draft_id))
    assert brief.prompt is not None
    assert brief.prompt.label == "explainer@1"
    system = prompts.messages(prompts.shown(brief))[0].text
    assert "in German of about 600 words" in system
    assert "You are a pilot." in system
    assert prompts.max_tokens(brief) == 2400
    run_all(database)
    assert model.told[0]["model_id"] == "m1"
    assert model.told[0]["payer"].agent_id == "a1"


def test_old_ones_are_forgotten_and_all_of_them_when_somebody_must_be(database: Database, model: HonestModel) -> None:
    with database.transaction() as session:
        subject = Subject(story_id=world.story(session))
        made = rehearsing.ask_try(session, ADA, library.prompt(session, "news-piece"), subject)
        assert rehearsing.forget_old(session) == 0
        made.created_at = made.created_at.replace(year=2020)
        session.flush()
        assert rehearsing.forget_old(session) == 1
        rehearsing.ask_try(session, ADA, library.prompt(session, "news-piece"), subject)
        assert rehearsing.forget(session) == 1
        with pytest.raises(StonehandError):
            queries.rehearsal(session, made.id)


def found_article(session: Session) -> str:
    """An article that was read on a platform."""
    moment = now(session)
    site = Platform(
        kind="form-site", name="W", base_url="https://w.example", config={}, permission="M.", interval=1.0,
        created_at=moment,
    )  # fmt: skip
    session.add(site)
    session.flush()
    made = FoundArticle(
        platform_id=site.id, remote_id="7", url="https://w.example/article/7/", title="Mein Hund", author="Mia",
        text="Ein Hund rennt.", read_at=moment, found_at=moment,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def test_a_prompt_for_comments_is_tried_on_stories_and_on_articles_of_platforms(
    database: Database, two: list[str], model: HonestModel
) -> None:
    said = "<p>I like how you tell of the bolts in the eastern pylon; one can see them. What happens to the ferry?</p>"
    model.answers = [{"reasoning": "It is about bolts.", "comment": said}] * 3
    with database.transaction() as session:
        found = found_article(session)
        prompt = library.prompt(session, "encouraging-comment")
        shown = previewing.preview(session, prompt, Subject(article_id=found))
        made = rehearsing.ask_try(session, ADA, prompt, Subject(article_id=found)).id
        with pytest.raises(SubjectUnfit, match="which other prompt"):
            rehearsing.ask_replay(session, ADA, prompt)
        beside = rehearsing.ask_replay(session, ADA, prompt, "helpful-comment", Caps(1, 0)).id
    assert "<article_title-" in shown.messages[0].text
    assert "Ein Hund rennt" in shown.messages[1].text
    run_all(database)
    with database.read() as session:
        [item] = queries.items(session, made)
        assert item.new is not None
        assert item.new["markdown"].startswith("[This comment was written by an AI chatbot.]\n\nI like how")
        assert queries.rehearsal(session, beside).state == "done"
        [item] = queries.items(session, beside)
        assert item.old is not None
        assert item.old["words"] == 21
