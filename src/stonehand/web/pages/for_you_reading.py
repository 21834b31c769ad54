"""What the pages of readers show."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.accounts import queries as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft
from stonehand.mailings import queries as mailings
from stonehand.mailings import service as mailing
from stonehand.reading import levels, popularity_queries, queries
from stonehand.reading.levels import ANSWERS, QUESTIONS, REQUIRED, Scores
from stonehand.reading.models import Digest, Reading
from stonehand.reading.queries import Shown
from stonehand.reading.states import Difficulty, Less, Phase
from stonehand.reviews import queries as reviews
from stonehand.web.pages import cards
from stonehand.web.pages.for_you import (
    AssessmentView,
    DigestsView,
    DigestView,
    ForYouView,
    PhaseView,
    PreferencesView,
    ProgressView,
    QuestionView,
    Step,
    Tip,
    UnsubscribeView,
    WishView,
)
from stonehand.web.pages.parts import Badge, Link, Meter, Pager, Tab
from stonehand.web.words import number, plural

SHOWN = 20
MORE = 3  # times as many as are shown are looked at, since some may be locked
LETTERS = {
    "sent": "sent",
    "waiting": "waiting",
    "sending": "being sent",
    "failed": "failed",
    "unclear": "unclear",
    "ended": "no longer wanted",
}
ROOMS = (
    ("", "For you"),
    ("popular", "Popular"),
    ("trending", "Trending"),
    ("progress", "Progress"),
    ("assessment", "Assessment"),
    ("preferences", "Preferences"),
    ("digests", "Digests"),
)
MEANINGS = {
    Phase.BE: "Identity and mindset",
    Phase.DO: "Skills and actions",
    Phase.HAVE: "Results and management",
}
KINDS = {
    Less.ARTICLE: "articles like it",
    Less.BECAUSE: "as a reason",
    Less.OUTLET: "outlet",
    Less.STORY: "story",
    Less.TOPIC: "topic",
}
DRAFTS = {
    "commissioned": Badge("Being written", "busy"),
    "in_review": Badge("Waits for review", "warn"),
    "changes_requested": Badge("Changes requested", "warn"),
    "approved": Badge("Approved", "good"),
    "published": Badge("Out", "good"),
    "rejected": Badge("Rejected"),
    "failed": Badge("Could not be written", "bad"),
}


def tabs(current: str) -> tuple[Tab, ...]:
    """The pages of a reader."""
    return tuple(Tab(words, f"/for-you/{key}".rstrip("/"), active=key == current) for key, words in ROOMS)


def for_you(session: Session, person: Person) -> ForYouView:
    """What they should read next."""
    found, made_at = queries.recommended(session, person.id, SHOWN)
    scores = queries.scores(session, person.id)
    return ForYouView(
        tabs=tabs(""),
        heading="For you",
        tips=tuple(_tip(each) for each in found),
        here="/for-you",
        made_at=made_at,
        is_personal=True,
        empty="Your list is being made." if made_at is None else "You have read everything that was chosen for you.",
        hint="" if scores else "Take the assessment to unlock Intermediate and Advanced articles.",
        scores=_meters(scores) if scores else (),
    )


def _meters(scores: Scores) -> tuple[Meter, ...]:
    return tuple(Meter(scores.of(phase), 100, f"{phase} · {levels.level(scores.of(phase))}") for phase in Phase)


def popular(session: Session, person: Person) -> ForYouView:
    """What many read lately."""
    ranked = popularity_queries.popular(session, SHOWN * MORE)
    return _everybodys(session, person, ranked, "popular", "Popular", "In 30 days nobody read anything.")


def trending(session: Session, person: Person) -> ForYouView:
    """What is read more than before."""
    ranked = popularity_queries.trending(session, SHOWN * MORE)
    return _everybodys(session, person, ranked, "trending", "Trending", "Nothing is read more than usual.")


def _everybodys(
    session: Session, person: Person, ranked: Sequence[tuple[str, float]], kind: str, heading: str, empty: str
) -> ForYouView:
    found = queries.listed(session, person.id, ranked, kind, SHOWN)
    return ForYouView(tabs(kind), heading, tuple(_tip(each) for each in found), f"/for-you/{kind}", empty=empty)


def _tip(each: Shown) -> Tip:
    said = {"outlet": f"Less of {each.outlet}", "because": "Not for this reason", "topic": "Not for this topic"}
    kind = each.less.get("kind", "")
    return Tip(
        id=each.article_id,
        title=each.title,
        outlet=each.outlet,
        at=each.at,
        because=each.because,
        lead=each.excerpt,
        language=each.language,
        is_sample=each.is_sample,
        less=(kind, each.less.get("value", "")),
        less_words=said.get(kind, ""),
    )


def preferences(session: Session, person: Person, error: str = "") -> PreferencesView:
    """What they said of themselves."""
    found = queries.profile(session, person.id)
    return PreferencesView(
        tabs=tabs("preferences"),
        topics="\n".join(found.topics) if found else "",
        languages=", ".join(found.languages) if found else "",
        digest=found.digest if found else "",
        known_languages=tuple(queries.languages_here(session)),
        wishes=tuple(
            WishView(each.kind, each.value, each.words, KINDS[Less(each.kind)])
            for each in queries.less(session, person.id)
        ),
        email=person.email,
        mail=mailing.no_server(),
        error=error,
    )


def assessment(session: Session, person: Person, error: str = "") -> AssessmentView:
    """The questions, and what the last answers unlocked."""
    found = queries.assessment(session, person.id)
    scores = Scores(found.be, found.do, found.have) if found else None
    answers = found.answers if found else {}
    return AssessmentView(
        tabs=tabs("assessment"),
        phases=tuple(_phase(phase, scores, answers) for phase in Phase),
        answers=ANSWERS,
        readiness=levels.level(scores.mean).value if scores else "",
        taken_at=found.taken_at if found else None,
        error=error,
    )


def _phase(phase: Phase, scores: Scores | None, answers: dict[str, int]) -> PhaseView:
    questions = tuple(
        QuestionView(each.key, each.words, answers.get(each.key)) for each in QUESTIONS if each.phase == phase
    )
    if scores is None:
        return PhaseView(phase.value, MEANINGS[phase], questions)
    score = scores.of(phase)
    higher = [each for each in Difficulty if REQUIRED[each] > score]
    following = f"{REQUIRED[higher[0]]} unlocks {higher[0]}" if higher else "everything is unlocked"
    meter = Meter(score, 100)
    return PhaseView(phase.value, MEANINGS[phase], questions, meter, levels.level(score).value, following)


def progress(session: Session, person: Person, start: int) -> ProgressView:
    """What they have read."""
    numbers = queries.progress(session, person.id)
    rows = queries.readings(session, person.id, SHOWN + 1, start)
    titles = articles.articles(session, [row.article_id for row in rows])
    return ProgressView(
        tabs=tabs("progress"),
        facts=(
            ("Begun", plural(numbers["articles"], "article")),
            ("Read to the end", f"{number(numbers['completed'])}, {number(numbers['completed_30_days'])} in 30 days"),
            ("Time", plural(round(numbers["seconds"] / 60), "minute")),
            ("Liked, saved, rated", f"{numbers['liked']}, {numbers['saved']}, {numbers['rated']}"),
            *((phase, f"{number(count)} read to the end") for phase, count in numbers["by_phase"].items() if count),
        ),
        steps=tuple(
            _step(row, titles[row.article_id].title or titles[row.article_id].url)
            for row in rows[:SHOWN]
            if row.article_id in titles
        ),
        pager=Pager(
            f"/for-you/progress?start={max(0, start - SHOWN)}" if start else "",
            f"/for-you/progress?start={start + SHOWN}" if len(rows) > SHOWN else "",
        ),
    )


def _step(row: Reading, title: str) -> Step:
    said = {"liked": row.liked, "saved": row.saved, "shared": row.shared, "not for you": row.dismissed}
    marks = [words for words, is_so in said.items() if is_so]
    marks += [plural(row.rating, "star")] if row.rating else []
    reached = 100 if row.completed_at else row.scroll
    return Step(Link(title, f"/articles/{row.article_id}"), Meter(reached, 100), ", ".join(marks), row.updated_at)


def digests(session: Session, person: Person) -> DigestsView:
    """The latest digests and where they are."""
    found = queries.digests(session, SHOWN)
    written = {each.id: drafts.of_digest(session, each.id) for each in found}
    open_ = reviews.of_drafts(session, [draft.id for draft in written.values() if draft])
    letters = mailings.counts(session, [each.id for each in found])
    return DigestsView(
        tabs=tabs("digests"),
        digests=tuple(_digest(each, written[each.id], open_, letters[each.id]) for each in found),
        can_make=person.may("edit"),
        mail=mailing.no_server(),
    )


def _digest(each: Digest, draft: Draft | None, open_: dict[str, str], letters: dict[str, int]) -> DigestView:
    review_id = open_.get(draft.id, "") if draft else ""
    return DigestView(
        title=each.title,
        badge=DRAFTS[draft.state] if draft else Badge("Waits to be written", "busy"),
        stories=tuple(Link(section["title"], f"/stories/{section['story_id']}") for section in each.sections),
        made_at=each.created_at,
        draft=Link("Read the draft", cards.href(draft, review_id)) if draft and review_id else None,
        mails=", ".join(f"{number(count)} {LETTERS[state]}" for state, count in sorted(letters.items())),
        is_sample=each.is_sample,
    )


def unsubscribe(session: Session, address: str, user_id: str, is_over: bool = False) -> UnsubscribeView:
    """Whose digests a letter's link ends."""
    name, _, host = accounts.user(session, user_id).email.partition("@")
    found = queries.profile(session, user_id)
    return UnsubscribeView(address, f"{name[:1]}…@{host}", is_over or found is None or not found.digest)
