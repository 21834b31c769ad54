"""What the pages of stories show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from stonehand.accounts.permissions import Person
from stonehand.analysis import queries as analyses
from stonehand.articles import queries as articles
from stonehand.articles import versions
from stonehand.articles.models import Article
from stonehand.articles.passages import start_of
from stonehand.articles.queries import ArticleText
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft
from stonehand.drafts.states import OPEN, DraftState
from stonehand.nlp import sentences
from stonehand.reviews import queries as reviews
from stonehand.stories import queries as stories
from stonehand.stories import timeline as telling
from stonehand.stories.states import Role, StoryState
from stonehand.stories.timeline import Placed, Step
from stonehand.trends import service as trends
from stonehand.vectors import service as vectors
from stonehand.vectors.errors import VectorMissing
from stonehand.web.pages import cards
from stonehand.web.pages.parts import Badge, Link, Pager, Tab
from stonehand.web.pages.stories import StoriesView, StoryView, TimelineEntry

PAGE = 20
REPORTS = 100  # of a timeline; the earlier ones are counted
SHORT = 4  # sentences
BEGINNING = 2000  # characters of an article in which its first sentence is looked for
PHRASES = 10
NEAR, CLOSE, NEARBY = 40, 0.5, 5  # articles that are looked at, their least cosine, stories that are shown
TABS = ((None, "All"), (StoryState.DEVELOPING, "Developing"), (StoryState.EMERGING, "Emerging"))
Sentences = tuple[tuple[str, Link], ...]


def listing(session: Session, state: StoryState | None, words: str, start: int) -> StoriesView:
    """A part of all stories by rank, from number `start`."""
    found = stories.top(session, PAGE + 1, start, state, words)
    newer = _address(state, words, max(start - PAGE, 0)) if start else ""
    older = _address(state, words, start + PAGE) if len(found) > PAGE else ""
    return StoriesView(
        stories=cards.cards(session, found[:PAGE]),
        tabs=tuple(Tab(name, _address(each, words), active=each == state) for each, name in TABS),
        pager=Pager(newer, older),
        query=words,
    )


def _address(state: StoryState | None, words: str, start: int = 0) -> str:
    asked = {"show": state or "", "q": words, "start": str(start or "")}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/stories?{query}" if query else "/stories"


def story(session: Session, story_id: str, person: Person) -> StoryView:
    """One story, told. Raises `StoryNotFound`."""
    found = stories.story(session, story_id)
    steps = telling.steps(stories.placements(session, story_id))
    shown = steps[-REPORTS:]
    reports = articles.articles(session, [step.report.article_id for step in shown])
    told = (story_id, *stories.merged(session, story_id))
    written = [draft for each in told for draft in drafts.of_story(session, each)]
    return StoryView(
        card=cards.cards(session, [found])[0],
        sentences=_in_short(session, steps, written),
        timeline=tuple(_entry(step, steps, reports) for step in reversed(shown)),
        phrases=_phrases(session, [step.judged.article_id for step in shown[-20:]]),
        drafts=_drafts(session, written),
        earlier=len(steps) - len(shown),
        can_draft=person.may("edit") and not any(draft.state in OPEN for draft in written),
        can_part=person.may("edit") and len(steps) > 1,
        near=_near(session, story_id, steps),
        trend=_trend(session, story_id),
        changes=tuple((each.at, telling.why_changed(each, story_id)) for each in stories.changes(session, story_id)),
    )


def _near(session: Session, story_id: str, steps: Sequence[Step]) -> tuple[Link, ...]:
    """Other stories whose articles are close to the first report."""
    try:
        found = vectors.near(session, steps[0].judged.article_id, NEAR) if steps else []
    except VectorMissing:
        return ()
    others = stories.of_articles(session, [each.id for each in found if each.cosine >= CLOSE])
    listed = {each.id: Link(each.title, f"/stories/{each.id}") for each in others if each.id != story_id}
    return tuple(listed.values())[:NEARBY]


def _trend(session: Session, story_id: str) -> Link | None:
    found = trends.trends_of(session, [story_id]).get(story_id)
    return Link(f"{found.state.capitalize()}: {found.why}", f"/trends/{story_id}") if found else None


def _entry(step: Step, steps: Sequence[Step], reports: Mapping[str, Article]) -> TimelineEntry:
    report = step.report
    article = reports.get(report.article_id)
    return TimelineEntry(
        article_id=report.article_id,
        title=report.title,
        outlet=report.outlet,
        published_at=report.reported_at,
        lead=article.excerpt if article else "",
        badge=_place(step, steps),
        why=telling.why(step.judged, step.role) if step.judged.evidence.get("score") or step.role == Role.COPY else "",
        copies=tuple(_copy(each) for each in step.copies),
    )


def _place(step: Step, steps: Sequence[Step]) -> Badge | None:
    if step.role == Role.COPY:
        return Badge("Copy")
    if step.role == Role.FIRST_REPORT:
        return Badge("First report", "good")
    return Badge("Latest", "busy") if step is steps[-1] else None


def _copy(each: Placed) -> Link:
    return Link(each.outlet, f"/articles/{each.article_id}")


def _phrases(session: Session, article_ids: Sequence[str]) -> tuple[str, ...]:
    """The phrases that weigh most over these articles."""
    weights, spelt = Counter[str](), dict[str, str]()
    for found in analyses.analyses(session, article_ids).values():
        for phrase in found.key_phrases:
            folded = str(phrase["text"]).casefold()
            spelt.setdefault(folded, str(phrase["text"]))
            weights[folded] += phrase["score"]
    return tuple(spelt[folded] for folded, _ in weights.most_common(PHRASES))


def _drafts(session: Session, written: Sequence[Draft]) -> tuple[tuple[Link, Badge], ...]:
    opened = reviews.of_drafts(session, [draft.id for draft in written])
    return tuple((_draft(draft, opened.get(draft.id, "")), cards.DRAFTS[DraftState(draft.state)]) for draft in written)


def _draft(draft: Draft, review_id: str) -> Link:
    words = f"{draft.title}: {draft.note}" if draft.state == DraftState.FAILED and draft.note else draft.title
    return Link(words, cards.href(draft, review_id))


# ── in short: what the newest draft quotes, or while there is none, how the reports open ──


def _in_short(session: Session, steps: Sequence[Step], written: Sequence[Draft]) -> Sentences:
    revision = next((draft.current_revision_id for draft in written if draft.current_revision_id), None)
    return (_quoted(session, revision) if revision else ()) or _openings(session, steps)


def _quoted(session: Session, revision_id: str) -> Sentences:
    cited = [each for each in drafts.citations(session, revision_id) if each.kind == "verbatim" and each.article_id]
    cited = cited[:SHORT]
    written = drafts.revision(session, revision_id).created_at
    texts = versions.texts_as_of(session, [str(each.article_id) for each in cited], written)
    return tuple(
        (each.quote, _passage(texts[each.article_id], each.source_start or 0))
        for each in cited
        if each.article_id in texts
    )


def _openings(session: Session, steps: Sequence[Step]) -> Sentences:
    reports = [step.judged.article_id for step in steps[:SHORT] if step.role != Role.COPY]
    texts = articles.texts(session, reports)
    found = [_opening(texts[article_id]) for article_id in reports if article_id in texts]
    return tuple(opening for opening in found if opening[0])


def _opening(article: ArticleText) -> tuple[str, Link]:
    """The first whole sentence; headlines and bylines end without a stop."""
    whole = (each for each in sentences.split(article.text[:BEGINNING], article.language or "en") if _ends(each.text))
    first = next(whole, None)
    return (first.text if first else "", _passage(article, first.start if first else 0))


def _ends(sentence: str) -> bool:
    return sentence.rstrip(sentences.CLOSERS).endswith((".", "!", "?", "…", "。", "！", "？"))


def _passage(article: ArticleText, offset: int) -> Link:
    return Link(article.outlet, f"/articles/{article.id}#at-{start_of(article.text, offset)}")
