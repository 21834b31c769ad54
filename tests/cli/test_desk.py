"""Tests of what is read and decided: article, story, draft, review, channel, publication."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import config, db, pipeline
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person
from stonehand.articles import pages
from stonehand.articles.errors import ArticleNotFound, NotACopy, PageNotFetchable, StateUnknown
from stonehand.articles.models import Article, ArticleVersion, StoredText
from stonehand.channels.errors import ChannelNotFound, LoginRefused
from stonehand.drafts.errors import DraftNotFound
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.jobs.models import Job
from stonehand.publications.errors import AddressUnfit, PublicationNotFailed, PublicationNotFound, PublicationNotInDoubt
from stonehand.publications.models import Publication
from stonehand.reviews import service as reviews
from stonehand.reviews.errors import ReviewDecided, SentencesUnsupported
from stonehand.stories.errors import StoryNotFound
from stonehand.stories.models import Placement, Story
from tests.cli.conftest import PASSWORD, Cli
from tests.lookalikes import wordpress as lookalike

TEXT = "The bridge closed on Monday. Ferries run every ten minutes."


@dataclass(frozen=True)
class Desk:
    """What waits: an article and its copy, a story of both, a draft about it, and its review."""

    article: str
    copy: str
    story: str
    draft: str
    review: str


def _articles(session: db.Session) -> list[str]:
    moment, ids = db.now(session), [db.new_id(), db.new_id()]
    for number, article_id in enumerate(ids):
        url = f"https://news.example/{number}"
        copied = {"duplicate_of": ids[0], "duplicate_evidence": {"jaccard": 0.97}} if number else {}
        times = dict.fromkeys(("fetched_at", "created_at", "updated_at"), moment)
        session.add(
            Article(id=article_id, url=url, canonical_url=url, title="Bridge closed", site="News", **copied, **times)
        )
        session.flush()
        session.add(StoredText(article_id=article_id, text=TEXT))
    session.flush()
    return ids


def _story(session: db.Session, articles: list[str]) -> str:
    moment, story_id = db.now(session), db.new_id()
    values = {"title": "Bridge closed", "state": "emerging", "article_count": 2, "outlet_count": 1, "rank": 1.0}
    session.execute(sa.insert(Story).values(_row(Story, values | {"id": story_id}, moment)))
    for article_id, role, original in ((articles[0], "first_report", None), (articles[1], "copy", articles[0])):
        placed = {"article_id": article_id, "story_id": story_id, "role": role, "original_id": original}
        told: dict[str, object] = {"title": "Bridge closed", "outlet": "News", "url": f"https://news.example/{role}"}
        session.execute(sa.insert(Placement).values(_row(Placement, told | placed, moment)))
    return story_id


def _row(table: type[db.Base], values: dict[str, object], moment: object) -> dict[str, object]:
    """The values, and something harmless in every other column that needs one."""
    row = dict(values)
    for column in table.__table__.columns:
        if column.name in row or column.nullable or column.default is not None:
            continue
        kind = column.type.__class__.__name__
        empty: dict[str, object] = {"UtcDateTime": moment, "JSON": {}, "LargeBinary": b"", "Boolean": False}
        row[column.name] = empty.get(kind, "" if "String" in kind else 0)
    return row


def _draft(session: db.Session, story_id: str, article_id: str) -> str:
    moment, draft_id, revision_id = db.now(session), db.new_id(), db.new_id()
    session.add(
        Draft(
            id=draft_id,
            story_id=story_id,
            title="Bridge closed",
            state="in_review",
            current_revision_id=revision_id,
            created_by="desk",
            created_at=moment,
            updated_at=moment,
        )
    )
    session.flush()
    revision = {"id": revision_id, "draft_id": draft_id, "number": 1, "markdown": TEXT, "warnings": [], "sources": []}
    session.execute(sa.insert(Revision).values(_row(Revision, revision | {"title": "Bridge closed"}, moment)))
    cut = TEXT.index(" Ferries")
    cited = {"revision_id": revision_id, "quote": "", "sentence_start": 0, "sentence_end": cut}
    said = {"article_id": article_id, "source_start": 0, "source_end": cut, "quote": TEXT[:cut], "kind": "verbatim"}
    session.add(Citation(position=0, **(cited | said)))
    unsaid = {"sentence_start": cut + 1, "sentence_end": len(TEXT), "kind": "unsupported"}
    session.add(Citation(position=1, **(cited | unsaid)))
    session.flush()
    return draft_id


@pytest.fixture
def desk(prepared: db.Database, admin: Person) -> Desk:
    pipeline.install()
    with prepared.transaction() as session:
        article, copy = _articles(session)
        story = _story(session, [article, copy])
        draft = _draft(session, story, article)
        review = reviews.open_review(session, draft)
    assert review
    return Desk(article, copy, story, draft, review)


def test_articles_and_their_copies(cli: Cli, desk: Desk) -> None:
    assert [row["id"] for row in cli("article", "list", "--json").json] == [desk.copy, desk.article]
    assert len(cli("article", "list", "--limit", "1", "--json").json) == 1
    shown = cli("article", "show", desk.article)
    assert TEXT in shown.out
    assert '"jaccard": 0.97' in shown.out
    assert cli("article", "show", desk.copy, "--json").json["duplicate_of"] == desk.article
    assert isinstance(cli("article", "show", "none").error, ArticleNotFound)


def test_copies_are_split_and_merged(cli: Cli, desk: Desk) -> None:
    assert cli("article", "split", desk.copy, "--json").json == {"article_id": desk.copy, "no_copy_of": desk.article}
    assert isinstance(cli("article", "split", desk.copy).error, NotACopy)
    assert cli("article", "show", desk.copy, "--json").json["duplicate_of"] is None
    assert f"It is a copy of {desk.article}" in cli("article", "merge", desk.copy, desk.article).out
    assert cli("article", "similar", desk.article, "--json").json == []


def test_versions_of_an_article_and_reading_it_again(cli: Cli, desk: Desk, prepared: db.Database) -> None:
    with prepared.transaction() as session:
        moment, old = db.now(session), pages.pack(TEXT.replace("Monday", "Sunday").encode())
        times = {"since": moment, "until": moment}
        session.add(ArticleVersion(article_id=desk.article, number=1, title="", packed=old, word_count=10, **times))
        session.execute(sa.update(Article).where(Article.id == desk.article).values(version=2, extracted_at=moment))
    assert [row["number"] for row in cli("article", "versions", desk.article, "--json").json] == [2, 1]
    assert "on [-Sunday.-]{+Monday.+} Ferries" in cli("article", "diff", desk.article).out
    assert cli("article", "diff", desk.article, "--from", "2", "--json").json["parts"] == [
        {"kind": "same", "text": TEXT}
    ]
    assert cli("article", "reprocess", "--state", "extracted", "--json").json["articles"] == 0
    assert isinstance(cli("article", "reprocess", "--state", "new").error, StateUnknown)
    assert isinstance(cli("article", "refetch", desk.article).error, PageNotFetchable)


def test_stories(cli: Cli, desk: Desk) -> None:
    assert [row["id"] for row in cli("story", "list", "--json").json] == [desk.story]
    assert cli("story", "list", "--state", "developing", "--json").json == []
    assert cli("story", "list", "--state", "lost").code == 2
    [step] = cli("story", "show", desk.story, "--json").json["timeline"]
    assert (step["article_id"], [each["article_id"] for each in step["copies"]]) == (desk.article, [desk.copy])
    assert "Copy: News" in cli("story", "show", desk.story).out
    assert isinstance(cli("story", "show", "none").error, StoryNotFound)


def test_drafts_show_what_each_sentence_stands_on(cli: Cli, desk: Desk) -> None:
    assert [row["id"] for row in cli("draft", "list", "--state", "in_review", "--json").json] == [desk.draft]
    assert cli("draft", "list", "--state", "failed", "--json").json == []
    shown = cli("draft", "show", desk.draft).out
    assert "= The bridge closed on Monday." in shown
    assert f"article {desk.article}, 0-28" in shown
    assert "! Ferries run every ten minutes." in shown
    assert isinstance(cli("draft", "show", "none").error, DraftNotFound)


def test_a_story_with_an_open_draft_keeps_it(cli: Cli, desk: Desk) -> None:
    assert cli("draft", "commission", desk.story, "--json").json["id"] == desk.draft


def test_approve_through_a_channel(cli: Cli, desk: Desk, prepared: db.Database, tmp_path: Path) -> None:
    made = cli("channel", "add", "folder", "--name", "Desk", "--path", str(tmp_path / "out"), "--json").json
    assert isinstance(cli("review", "approve", desk.review, "--channel", "Disk").error, ChannelNotFound)
    assert isinstance(cli("review", "approve", desk.review).error, SentencesUnsupported)
    words = ("review", "approve", desk.review, "--channel", "Desk", "--accept-unsupported", "--note", "fine", "--json")
    decided = cli(*words).json
    assert (decided["state"], decided["channel_ids"], decided["note"]) == ("approved", [made["id"]], "fine")
    assert isinstance(cli("review", "approve", desk.review).error, ReviewDecided)
    with prepared.read() as session:
        assert session.scalars(sa.select(Job.task)).all().count("reviews.release") == 1
    [row] = cli("audit", "list", "--kind", "review", "--json").json
    assert (row["actor_name"], row["verb"], row["object_id"]) == ("Ada", "approved", desk.review)


def test_approving_with_a_time_tells_this_time(cli: Cli, desk: Desk) -> None:
    assert cli("channel", "add", "folder", "--name", "Desk").code == 0
    at = ("--at", f"{db.utc_now().year + 1}-01-02T09:00", "--zone", "Europe/Zurich", "--accept-unsupported")
    assert f"it goes out at {at[1][:10]} 09:00 (Europe/Zurich)" in cli("review", "approve", desk.review, *at).out


def test_the_permissions_are_those_of_the_web(cli: Cli, desk: Desk) -> None:
    words = ("--name", "Ed", "--role", "editor", "--password-stdin")
    cli("user", "add", "ed@example.org", *words, stdin=PASSWORD)
    refused = cli("review", "approve", desk.review, "--accept-unsupported", "--as", "ed@example.org")
    assert isinstance(refused.error, PermissionMissing)
    sent = cli("review", "changes", desk.review, "--note", "shorter", "--as", "ed@example.org", "--json").json
    assert sent["state"] == "changes_requested"
    assert cli("draft", "show", desk.draft, "--json").json["state"] == "changes_requested"


def test_reject_and_the_list(cli: Cli, desk: Desk) -> None:
    [row] = cli("review", "list", "--json").json
    assert (row["id"], row["title"], row["unsupported"]) == (desk.review, "Bridge closed", 1)
    assert "! Ferries" in cli("review", "show", desk.review).out
    assert cli("status", "--json").json["waiting_for_you"]["reviews"] == 1
    assert cli("review", "reject", desk.review, "--note", "old").code == 0
    assert cli("review", "list", "--json").json == []
    assert [row["id"] for row in cli("review", "list", "--state", "rejected", "--json").json] == [desk.review]


def test_channels(cli: Cli, admin: Person, tmp_path: Path) -> None:
    made = cli("channel", "add", "folder", "--name", "Front page", "--path", str(tmp_path / "out"), "--json").json
    assert made["config"] == {"folder": str(tmp_path / "out")}
    assert cli("channel", "disable", "Front page").code == 0
    assert [row["is_enabled"] for row in cli("channel", "list", "--json").json] == [False]
    assert cli("channel", "enable", made["id"]).code == 0
    assert cli("channel", "remove", "Front page", stdin="n\n").code == 1
    assert cli("channel", "remove", "Front page", "--yes").code == 0
    assert cli("channel", "list", "--json").json == []


def test_publications(cli: Cli, prepared: db.Database) -> None:
    assert cli("publication", "list").out == "Nothing here.\n"
    assert isinstance(cli("publication", "show", "none").error, PublicationNotFound)


def test_a_wordpress_site_is_added_with_its_password_from_a_file(
    cli: Cli, admin: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    config.settings.cache_clear()
    (tmp_path / "secret").write_text(f"{lookalike.PASSWORD}\n")
    with lookalike.running() as site:
        words = ("channel", "add", "wordpress", "--name", "Blog", "--url", site.url, "--username", lookalike.USER)
        more = ("--categories", "News, Harbour", "--create-terms", "yes", "--on-retract", "trash")
        made = cli(*words, "--password-file", str(tmp_path / "secret"), *more, "--json").json
        assert made["config"]["url"] == site.url
        assert (made["config"]["categories"], made["config"]["create_terms"]) == ("News, Harbour", "yes")
        assert lookalike.PASSWORD not in cli("channel", "list", "--json").out
        asked = cli(*words[:4], "Other", *words[5:], stdin="wrong\n")
    assert isinstance(asked.error, LoginRefused)
    assert "wrong" not in asked.out


def _kept(desk: Desk, state: str) -> str:
    """A publication in this state. Returns its id."""
    moment = db.utc_now()
    with db.database().transaction() as session:
        row = {"review_id": desk.review, "draft_id": desk.draft, "revision_id": "v", "channel_id": db.new_id()}
        made = Publication(
            id=db.new_id(), channel_name="Blog", key=db.new_id(), content_sha256="0" * 64, title="A piece",
            state=state, due_at=moment, created_at=moment, error="no answer", **row,
        )  # fmt: skip
        session.add(made)
        return made.id


def test_what_failed_is_tried_again(cli: Cli, admin: Person, desk: Desk) -> None:
    failed, other = _kept(desk, "failed"), _kept(desk, "failed")
    told = cli("publication", "retry", failed, "--as", admin.email, "--json").json
    assert (told["id"], told["state"]) == (failed, "scheduled")
    assert isinstance(cli("publication", "retry", failed).error, PublicationNotFailed)
    assert cli("publication", "retry", other).out == "It is tried again.\n"
    with db.database().read() as session:
        tries = session.scalars(sa.select(Job.args).where(Job.task == "publications.publish")).all()
    assert {each["publication_id"] for each in tries} == {failed, other}


def test_a_person_says_whether_a_piece_in_doubt_arrived(cli: Cli, admin: Person, desk: Desk) -> None:
    there, gone = _kept(desk, "needs_reconcile"), _kept(desk, "needs_reconcile")
    assert isinstance(cli("publication", "arrived", there, "nowhere").error, AddressUnfit)
    assert (
        cli("publication", "arrived", there, "https://blog.example/a").out
        == "It is published, at https://blog.example/a.\n"
    )
    assert cli("publication", "missing", gone).out == "It is sent again.\n"
    states = {row["id"]: (row["state"], row["url"]) for row in cli("publication", "list", "--json").json}
    assert states == {there: ("published", "https://blog.example/a"), gone: ("scheduled", None)}
    assert isinstance(cli("publication", "missing", gone).error, PublicationNotInDoubt)
