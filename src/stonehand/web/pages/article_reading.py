"""What the page of one article shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stonehand.accounts.permissions import Person
from stonehand.analysis import queries as analyses
from stonehand.analysis.models import Analysis
from stonehand.articles import preview, queries, verdicts, versions
from stonehand.articles.differences import differences, shortened
from stonehand.articles.duplicates import Evidence
from stonehand.articles.errors import Unreadable
from stonehand.articles.models import Article
from stonehand.articles.passages import passages
from stonehand.articles.reading import KeptPage
from stonehand.articles.states import State
from stonehand.articles.versions import Version
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft
from stonehand.jobs import queries as jobs
from stonehand.jobs.models import Job
from stonehand.library import queries as library
from stonehand.reviews import queries as reviews
from stonehand.sources.models import Entry, Source
from stonehand.sources.robots import rules as robots
from stonehand.stories import queries as stories
from stonehand.stories.models import Placement, Story
from stonehand.web.pages import cards, insight_reading, reader_box
from stonehand.web.pages.articles import ArticleView, Changes, Copy, Passage, Step, VersionLine
from stonehand.web.pages.articles import Known as Datum
from stonehand.web.pages.for_you import ReaderBox
from stonehand.web.pages.insight import NOTHING, Insight
from stonehand.web.pages.parts import Badge, Link
from stonehand.web.words import plural

PHRASES = 8
AROUND = 200  # characters that are shown around a change
COPIES = 20
LARGEST_PREVIEW = 1024 * 1024  # bytes of a page beyond which only its text is shown
STATES = {
    State.STORED: Badge("Waits to be read", "busy"),
    State.EXTRACTED: Badge("Read", "good"),
    State.UNREADABLE: Badge("No text found", "warn"),
    State.GONE: Badge("Forgotten", "warn"),
}
COLUMNS = {"title": "title", "text": "word_count", "author": "author", "published": "published_at"} | {
    "language": "language_hint",
    "image": "image_url",
    "site": "site",
    "licence": "licence",
}
ORIGINS = {
    "json-ld": "the page's structured data",
    "opengraph": "the page's OpenGraph tags",
    "meta": "the page's meta tags",
    "html": "the page's HTML",
    "byline": "a byline",
    "feed": "the feed",
    "guess": "a guess",
    "first line": "the first line of the text",
    "trafilatura": "trafilatura",
    "blocks": "the arbiter of blocks",
}
EXACT = {"exact_url": "the same address", "exact_text": "word for word the same", "person": "somebody said so"}
FETCH, READ, ANALYSE, PLACE = "articles.fetch", "articles.extract", "analysis.analyse", "stories.place"


@dataclass(frozen=True)
class Known:
    """Everything the database says of one article. `outlets` and `reviews` are those of its copies and drafts."""

    article: Article
    outlet: str
    text: str
    analysis: Analysis | None
    placement: Placement | None
    story: Story | None
    original: Article | None
    copies: Sequence[Article]
    outlets: dict[str, str]
    drafts: Sequence[Draft]
    reviews: dict[str, str]
    entry: Entry | None
    source: Source | None
    page: KeptPage | None
    tags: Sequence[str]
    is_bookmarked: bool
    versions: Sequence[Version]
    shown: Version | None
    similar: Sequence[tuple[Article, Evidence]]
    insight: Insight
    reader: ReaderBox
    jobs: Mapping[str, Job]
    """The newest job of each step."""
    found_by: str
    """The job that found it, if it is known."""


def known(session: Session, article_id: str, person: Person, number: int | None = None) -> Known:
    """Everything about one article, with its text or that of a version. Raises `ArticleNotFound`, `VersionNotFound`."""
    found = queries.article(session, article_id)
    text = queries.texts(session, [article_id]).get(article_id)
    placed = stories.placement(session, article_id)
    copies = queries.copies_of(session, article_id)[:COPIES]
    original = session.get(Article, found.duplicate_of) if found.duplicate_of else None
    similar = verdicts.similar(session, article_id)
    citing = drafts.citing(session, article_id)
    now_text = text.text if text else ""
    analysis = analyses.analyses(session, [article_id]).get(article_id)
    made = _jobs(session, found)
    return Known(
        article=found,
        outlet=queries.outlets(session, [article_id])[article_id],
        text=versions.text(session, article_id, number) if number else now_text,
        analysis=analysis,
        placement=placed,
        story=session.get(Story, placed.story_id) if placed else None,
        original=original,
        copies=copies,
        outlets=queries.outlets(
            session, [each.id for each in (*copies, original, *(one for one, _ in similar)) if each]
        ),
        drafts=citing,
        reviews=reviews.of_drafts(session, [draft.id for draft in citing]),
        entry=session.get(Entry, found.entry_id) if found.entry_id else None,
        source=session.get(Source, found.source_id) if found.source_id else None,
        page=queries.kept_pages(session, [article_id]).get(article_id),
        tags=library.tags(session, [article_id])[article_id],
        is_bookmarked=article_id in library.bookmarked(session, person.id, [article_id]),
        versions=versions.listed(session, article_id),
        shown=versions.one(session, article_id, number) if number else None,
        similar=similar,
        insight=NOTHING if number else insight_reading.insight(session, article_id, now_text, person),
        jobs={_step(each): each for each in made},
        found_by=next((each.parent_id for each in made if each.parent_id and _step(each) == FETCH), ""),
        reader=reader_box.look(session, person.id, article_id, analysis.reading_minutes if analysis else 1),
    )


def _jobs(session: Session, found: Article) -> Sequence[Job]:
    """The jobs that made it what it is, the oldest first."""
    subjects = {FETCH: found.entry_id, READ: found.id, ANALYSE: found.id, PLACE: found.id}
    return jobs.known_as(session, [f"{task}:{subject}" for task, subject in subjects.items() if subject])


def _step(job: Job) -> str:
    """A job that is passed on to another task keeps the key of its step."""
    return (job.unique_key or "").partition(":")[0]


def view(known: Known, person: Person) -> ArticleView:
    """What the page shows. It reads the kept page, so no transaction should be open."""
    found, analysis = known.article, known.analysis
    return ArticleView(
        id=found.id,
        title=(known.shown.title if known.shown else found.title) or found.url,
        outlet=known.outlet,
        url=found.url,
        passages=tuple(Passage(words, at) for at, words in passages(known.text) if at or words != found.title),
        badge=Badge("Copy") if found.duplicate_of else STATES[State(found.state)],
        fetched_at=found.fetched_at,
        author=found.author or "",
        published_at=found.published_at,
        language=(analysis.language if analysis else found.language_hint) or "",
        words=found.word_count,
        data=_data(found),
        versions=_versions(known),
        past=_past(known),
        can_edit=person.may("edit"),
        leave=robots.of_dict(found.robots).sentence() if found.robots else "",
        reader=known.reader,
        similar=tuple(_similar(each, evidence, known) for each, evidence in known.similar),
        phrases=tuple(phrase["text"] for phrase in analysis.key_phrases[:PHRASES]) if analysis else (),
        story=Link(known.story.title, f"/stories/{known.story.id}") if known.story else None,
        copies=_copies(known),
        cited_in=tuple(Link(draft.title, cards.href(draft, known.reviews.get(draft.id, ""))) for draft in known.drafts),
        trip=_trip(known),
        preview=_preview(known.page),
        is_sample=found.is_sample,
        error=found.error or "",
        tags=tuple(known.tags),
        is_bookmarked=known.is_bookmarked,
        is_forgotten=found.state == State.GONE,
        insight=known.insight,
    )


def changes(session: Session, article_id: str, older: int | None, newer: int | None) -> Changes:
    """What changed between two versions. Raises `ArticleNotFound`, `VersionNotFound`."""
    found = queries.article(session, article_id)
    first, second = versions.pair(session, article_id, older, newer)
    parts = differences(versions.text(session, article_id, first), versions.text(session, article_id, second))
    link = Link(found.title or found.url, f"/articles/{article_id}")
    return Changes(link, f"Version {first}", f"version {second}", tuple(shortened(parts, AROUND)))


def _versions(known: Known) -> tuple[VersionLine, ...]:
    """None if it has always had the same text."""
    if len(known.versions) < 2:
        return ()
    here = f"/articles/{known.article.id}"
    shown = known.shown.number if known.shown else known.article.version
    return tuple(
        VersionLine(
            Link(f"Version {each.number}", f"{here}?version={each.number}" if each.until else here),
            each.since,
            plural(each.word_count, "word"),
            Link("what changed", f"{here}/changes?newer={each.number}") if each.number > 1 else None,
            each.number == shown,
        )
        for each in known.versions
    )


def _past(known: Known) -> str:
    if known.shown is None or known.shown.until is None:
        return ""
    return f"This is version {known.shown.number}, which it had until {known.shown.until:%Y-%m-%d %H:%M}."


def _data(found: Article) -> tuple[Datum, ...]:
    """What was read from the page, with where it stood there."""
    values = {name: str(getattr(found, column) or "") for name, column in COLUMNS.items()}
    values["published"] = f"{found.published_at:%Y-%m-%d}" if found.published_at else ""
    values["text"] = plural(found.word_count, "word")
    said = found.origins or {}
    return tuple(
        Datum(
            name.capitalize(), value, ORIGINS.get(said[name]["origin"], said[name]["origin"]), said[name]["confidence"]
        )
        for name, value in values.items()
        if name in said and value
    )


def _copies(known: Known) -> tuple[Copy, ...]:
    copies = tuple(_copy(each, _evidence(each), known) for each in known.copies)
    if known.original is None:
        return copies
    return (_copy(known.original, f"the original; {_evidence(known.article)}", known), *copies)


def _copy(shown: Article, evidence: str, known: Known) -> Copy:
    copying = known.article if shown is known.original else shown
    return Copy(
        Link(shown.title or shown.url, f"/articles/{shown.id}"),
        known.outlets.get(shown.id, ""),
        evidence,
        _layers(copying.duplicate_evidence or {}),
        f"/articles/{copying.id}/split",
    )


def _similar(shown: Article, evidence: Evidence, known: Known) -> Copy:
    link, outlet = Link(shown.title or shown.url, f"/articles/{shown.id}"), known.outlets.get(shown.id, "")
    address = f"/articles/{known.article.id}/merge/{shown.id}"
    return Copy(link, outlet, _shared(evidence.containment), _layers(evidence.as_dict()), address)


def _evidence(copying: Article) -> str:
    evidence = copying.duplicate_evidence or {}
    return (
        EXACT.get(evidence.get("kind", ""))
        or f"{evidence.get('containment', 0):.0%} of the copy stands in the original"
    )


def _shared(containment: float) -> str:
    return f"{containment:.0%} of the shorter text is shared"


def _layers(evidence: Mapping[str, Any]) -> tuple[str, ...]:
    """What each of the four layers says, if it was kept."""
    if evidence.get("cosine") is None:
        return ()
    return (
        f"Address: {'the same' if evidence['same_address'] else 'another'}",
        f"Words: {'the same' if evidence['same_text'] else 'not all the same'}",
        f"Runs of three words: {evidence['containment']:.0%} shared, {evidence['shared_shingles']} in all",
        f"Cosine of the word counts: {evidence['cosine']:.2f}",
    )


def _trip(known: Known) -> tuple[Step, ...]:
    found, source, steps = known.article, known.source, list[Step]()
    made = {step: f"/jobs/{job.id}" for step, job in known.jobs.items()}
    if known.entry:
        where = f"Found in {source.title or source.url}" if source else "Found"
        looked = f"/jobs/{known.found_by}" if known.found_by else ""
        steps.append(Step(known.entry.seen_at, where, f"/sources/{source.id}" if source else "", looked))
    steps.append(Step(found.fetched_at, "Page fetched", job=made.get(FETCH, "")))
    if found.extracted_at:
        steps.append(
            Step(found.extracted_at, f"Text taken out, {plural(found.word_count, 'word')}", job=made.get(READ, ""))
        )
    if known.analysis:
        steps.append(Step(known.analysis.created_at, "Analysed", job=made.get(ANALYSE, "")))
    if known.placement and known.story:
        address = f"/stories/{known.story.id}"
        steps.append(Step(known.placement.placed_at, "Placed in its story", address, made.get(PLACE, "")))
    return tuple(sorted(steps, key=lambda step: step.at))


def _preview(page: KeptPage | None) -> str:
    if page is None or page.size > LARGEST_PREVIEW:
        return ""
    try:
        return preview.safe_html(page.body, page.url, page.hints.charset)
    except Unreadable:
        return ""
