"""From descriptions and scores to what the article's page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from stonehand.accounts.permissions import Person
from stonehand.analysis import queries as analyses
from stonehand.analysis.models import Description
from stonehand.articles.passages import start_of
from stonehand.db import Session
from stonehand.rubrics import access, queries
from stonehand.rubrics.models import Judgement, Rubric, Score
from stonehand.web.pages.insight import Insight, Named, Place, RubricChoice, ScoreView, Told
from stonehand.web.pages.parts import Badge, Tone
from stonehand.web.words import plural

MOST_NAMES, LONGEST_PLACE, MOST_PLACES = 8, 120, 4
KINDS = {
    "person": "People",
    "organisation": "Organisations",
    "place": "Places",
    "date": "Dates",
    "money": "Sums",
    "other": "Other names",
}
Rows = Sequence[Mapping[str, Any]]


def insight(session: Session, article_id: str, text: str, person: Person) -> Insight:
    """What was found out about an article whose text this is."""
    found = analyses.description(session, article_id)
    judged = queries.judgements_of(session, article_id)
    scores = queries.scores_of(session, article_id)
    analysed = analyses.analyses(session, [article_id]).get(article_id)
    since = analysed.updated_at if analysed else None
    shown = [_score(session, score, rubric, judged.get(rubric.id), text, since) for score, rubric in scores]
    known = tuple(RubricChoice(each.slug, each.name) for each in queries.rubrics(session))
    return Insight(
        article_id,
        told=_told(found, text) if found else (),
        names=_names(found, text) if found else (),
        summary=tuple(places(found.summary, text, longest=400)) if found else (),
        quality=tuple(_quality(part, text) for part in found.quality["parts"]) if found else (),
        scores=tuple(shown),
        rubrics=known,
        can_edit=person.may("edit"),
    )


def places(spans: Rows, text: str, most: int = MOST_PLACES, longest: int = LONGEST_PLACE) -> Iterable[Place]:
    """Pieces of the text, each leading to the passage that it stands in."""
    for span in list(spans)[:most]:
        words = " ".join(span["text"].split())
        short = f"{words[: longest - 1]}…" if len(words) > longest else words
        yield Place(short, f"#at-{start_of(text, span['start'])}")


def _told(found: Description, text: str) -> tuple[Told, ...]:
    best = next((each for each in found.categories if each["name"] == found.category), None)
    easy, tone = found.readability, found.sentiment
    known = f"{tone['compound']:+.2f}" if tone["known"] else "no word list for this language"
    grades = ", ".join(f"{name.replace('_', ' ')} {grade:g}" for name, grade in easy["grades"].items())
    return (
        Told("Category", found.category, _share(best), tuple(places(best["evidence"], text)) if best else ()),
        *(Told("Topic", each["name"], _share(each), tuple(places(each["evidence"], text))) for each in found.topics),
        Told("Tone", str(tone["label"]), known, tuple(places(tone["evidence"], text))),
        Told(
            "Readability",
            f"{easy['ease']:.0f} of 100",
            "; ".join(
                part for part in (easy["formula"], f"{easy['words_a_sentence']:g} words a sentence", grades) if part
            ),
            tuple(places(easy["evidence"], text, 2)),
        ),
        Told(
            "Quality", f"{found.quality['score']:.2f} of 1", "kept" if found.quality["kept"] else "below what is kept"
        ),
    )


def _share(label: Mapping[str, Any] | None) -> str:
    if label is None:
        return "no category fits"
    return f"{label['score']:.0%} of the odds, {plural(label['hits'], 'word')}"


def _names(found: Description, text: str) -> tuple[Named, ...]:
    def of(kind: str) -> tuple[Place, ...]:
        own = [each for each in found.entities if each["kind"] == kind][:MOST_NAMES]
        return tuple(
            Place(_counted(each), next(iter(places(each["spans"], text))).href) for each in own if each["spans"]
        )

    return tuple(Named(words, of(kind)) for kind, words in KINDS.items() if of(kind))


def _counted(entity: Mapping[str, Any]) -> str:
    return f"{entity['text']} × {entity['count']}" if entity["count"] > 1 else str(entity["text"])


def _quality(part: Mapping[str, Any], text: str) -> Told:
    points = f"{part['points']:g} of {part['most']:g}"
    return Told(part["name"].capitalize(), points, part["reason"], tuple(places(part["evidence"], text, 2)))


def _score(
    session: Session, score: Score, rubric: Rubric, judged: Judgement | None, text: str, since: datetime | None
) -> ScoreView:
    """`since` is when the text was analysed that the article has now."""
    said = queries.version(session, rubric.id, rubric.version).definition
    labels = tuple(each["name"] for each in said["criteria"]) if said["kind"] == "choice" else ()
    words = f"{score.label} {score.score:.0f}".strip()
    return ScoreView(
        rubric=rubric.name,
        href=f"/rubrics/{rubric.slug}",
        badge=Badge(words, _tone(score)),
        confidence=f"{score.confidence:.0%} sure" if labels or score.method.startswith("model") else "",
        method=f"version {score.version}, {score.method.replace('model:', 'by ')}",
        note=_note(score, rubric, since),
        parts=tuple(_part(each, text) for each in score.parts),
        gauges=tuple(_gauge(each, text, score.label, said["access"]) for each in score.gauges),
        labels=labels,
        judged=_judged(judged),
        judge_at=f"/articles/{score.article_id}/judge/{rubric.slug}",
        slug=rubric.slug,
    )


def _note(score: Score, rubric: Rubric, since: datetime | None) -> str:
    late = ["it was read again since then"] if since and since > score.scored_at else []
    late += [f"the rubric is at version {rubric.version} now"] if score.version != rubric.version else []
    return "; ".join(part for part in (score.note, *late) if part)


def _tone(score: Score) -> Tone:
    if "a person should look" in score.note or "differs from" in score.note:
        return "warn"
    return "good" if score.score >= 60 else "quiet"


def _part(part: Mapping[str, Any], text: str) -> Told:
    return Told(part["name"], f"{part['value']:.0f}", part["reason"], tuple(places(part["evidence"], text)))


def _gauge(gauge: Mapping[str, Any], text: str, label: str, opens: Mapping[str, float]) -> Told:
    need = access.required(opens, gauge["band"])
    reason = f"{gauge['reason']}; opens to readers with {need:g} in {label}" if need else gauge["reason"]
    value = f"{gauge['band']} ({gauge['value']:.0f})" if gauge["band"] else f"{gauge['value']:.0f}"
    return Told(gauge["name"], value, reason, tuple(places(gauge["evidence"], text, 2)))


def _judged(judged: Judgement | None) -> str:
    if judged is None:
        return ""
    said = judged.label or f"{judged.score:.0f}"
    return f"{judged.said_by} says {said}"
