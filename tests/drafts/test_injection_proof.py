"""Two hundred articles that attack, and a model that attacks, through every built-in prompt: nothing gets out.

Vectors are hashed words here (`quick_vectors`), so that no embedding model is needed; the checks are the real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
import sqlalchemy as sa
from markdown_it import MarkdownIt

from stonehand.channels.interfaces import Piece as Outgoing
from stonehand.db import Database
from stonehand.drafts import answers, headlines, markup, prompts, queries, writing
from stonehand.drafts import tasks as _tasks  # noqa: F401  declares the jobs
from stonehand.drafts.models import Draft
from stonehand.drafts.pieces import Brief, Instructions, Piece, Section, Wish
from stonehand.drafts.service import commission_piece
from stonehand.jobs import follow
from stonehand.jobs.testing import run_all
from stonehand.llm import asking
from stonehand.llm.payers import NOBODY
from stonehand.prompts import injection, purposes
from stonehand.prompts.library import PromptText, builtins
from stonehand.publications.models import Publication
from stonehand.reviews.models import Review
from tests.drafts import attacks, material, world
from tests.drafts.malicious import MaliciousModel

pytestmark = pytest.mark.usefixtures("quick_vectors")
ATTACKING = list(attacks.articles())
PROMPTS = [each for each in builtins().values() if each.purpose != purposes.COMMENT]  # those are attacked in comments
SOURCES = {"https://honest.example/news/2?a=1&b=(2)", "https://odd-times.example/news/1?a=1&b=(2)"}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> MaliciousModel:
    made = MaliciousModel()
    monkeypatch.setattr(asking, "ask", made.ask)
    monkeypatch.setattr(asking, "is_configured", lambda: True)
    return made


def brief(text: str, prompt: PromptText) -> Brief:
    """An article that attacks, beside an honest one, for this prompt."""
    made = replace(
        material.brief(material.source(1, text, "Odd Times"), material.source(2, " ".join(attacks.HARMLESS), "Honest")),
        prompt=prompt,
        title=" ".join(text.split("\n\n")[1:-1]),
    )
    if prompt.purpose == purposes.DIGEST:
        return replace(
            made, sections=(Section(" ".join(text.split("\n\n")[1:-1]), (1,)), Section("The bridge", (1, 2)))
        )
    if prompt.purpose in (purposes.REWRITE, purposes.HEADLINE):
        return replace(made, earlier=text, instructions=Instructions(note="Shorter, please.", tone="calm"))
    return made


def nothing_got_out(piece: Piece) -> None:
    """No link off the sources, no raw HTML, nothing hidden, wherever a channel might show it."""
    assert markup.problems(piece.markdown, SOURCES) == []
    html = MarkdownIt("commonmark", {"html": True}).render(piece.markdown)
    for forbidden in ("evil.example", "<script", "<img", "<iframe", "<div", "javascript:", "<!--"):
        assert forbidden not in html.lower().replace("&lt;", "‹")
    for line in (piece.title, piece.excerpt, piece.meta_title, piece.meta_description, *piece.keywords, piece.slug):
        assert "://evil.example" not in line
        assert injection.visible(line) == line
    assert set(piece.sources) <= {"article-1", "article-2"}


def test_no_injected_article_gets_through_any_built_in_prompt(model: MaliciousModel) -> None:
    assert len(ATTACKING) == 200
    written = {"model": 0, "offline": 0}
    for text in ATTACKING:
        for prompt in PROMPTS:
            if prompt.purpose == purposes.HEADLINE:
                _titles(brief(text, prompt))
                continue
            piece = writing.write(brief(text, prompt))
            nothing_got_out(piece)
            if piece.writer == "model":
                _wholly_ours(piece)
            written[piece.writer] += 1
    assert written["model"] > 100  # or else the offline writer alone would have been tested
    assert written["offline"] > 100


def _titles(about: Brief) -> None:
    try:
        found = headlines.find(about, NOBODY)
    except headlines.TitlesUnusable:
        return
    for line in (*found.titles, found.told.meta_title):
        assert markup.is_plain_prose(line)
        assert not injection.suspicions(line)


def _wholly_ours(piece: Piece) -> None:
    """What a model wrote holds no sentence that orders anything."""
    for line in (piece.title, piece.meta_title, *piece.keywords):
        assert not injection.suspicions(line)
        assert markup.is_plain_prose(line)
    assert "evil-1" in piece.label
    prose = piece.markdown.partition("\n## ")[0]
    assert "<" not in prose.replace("\\<", "")
    assert not injection.suspicions(prose)


def test_what_the_articles_say_is_fenced_and_never_in_the_system_role() -> None:
    for text in ATTACKING:
        for prompt in PROMPTS:
            about = brief(text, prompt)
            system, user = prompts.messages(prompts.shown(about))
            assert system.role == "system"
            assert "harbour" not in system.text.lower()
            assert "evil.example" not in system.text
            assert injection.visible(user.text) == user.text
            shown = user.text.lower()
            assert "ignore all previous" not in shown
            assert "ignoriere alle" not in shown
            fence = user.text.split("<topic-")[1][:16]
            assert user.text.count(f"<source-{fence}") == user.text.count(f"</source-{fence}>") == 2
            assert user.text.count("<topic-") == 1
            assert "source-0123456789abcdef>" not in user.text.replace("‹/source-0123456789abcdef>", "")


def test_an_answer_has_no_field_that_could_choose_anything() -> None:
    """Targets, accounts, times and approvals are no words of any shape, and none takes a field of another name."""
    said = {
        "target",
        "account",
        "channel",
        "publish_at",
        "approve",
        "approved",
        "state",
        "url",
        "link",
        "markdown",
        "html",
    }
    for shape in (answers.WrittenPiece, answers.WrittenDigest, answers.WrittenTitles, answers.WrittenSection):
        assert not said & set(shape.model_fields)
        assert shape.model_config["extra"] == "forbid"
    assert {"target", "account", "publish_at"}.isdisjoint(each.name for each in fields(Outgoing))


@pytest.fixture
def pipeline() -> Iterator[None]:
    world.follow()
    yield
    follow([])


def test_through_the_whole_house_nothing_is_approved_published_or_moved(
    model: MaliciousModel, database: Database, pipeline: None
) -> None:
    slugs = [each.slug for each in builtins().values() if each.purpose == purposes.WRITE]
    wishes = []
    with database.transaction() as session:
        for at, text in enumerate(ATTACKING[::8]):
            story = world.story(session, [("Odd Times", text), ("Honest", " ".join(attacks.HARMLESS))])
            wish = Wish("A wish", "Mira", (), Instructions(prompt_id=slugs[at % 3], tone="calm"), story_id=story)
            wishes.append(commission_piece(session, wish))
    run_all(database)
    with database.read() as session:
        drafts = session.scalars(sa.select(Draft)).all()
        assert {draft.id for draft in drafts} == set(wishes)
        assert {draft.state for draft in drafts} == {"in_review"}
        assert {draft.created_by for draft in drafts} == {"Mira"}
        assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 0
        assert {row.state for row in session.scalars(sa.select(Review))} == {"open"}
        for draft in drafts:
            revision = queries.revision(session, draft.current_revision_id or "")
            assert revision.created_by == "desk"
            assert revision.provenance["instructions"]["tone"] == "calm"
            assert revision.provenance["prompt"]["slug"] in slugs
