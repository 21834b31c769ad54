"""What the pages of curations show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from stonehand.accounts.permissions import Person
from stonehand.analysis import queries as analyses
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.curation import choosing, comparing, queries
from stonehand.curation.choosing import Judged
from stonehand.curation.diversity import CLUSTER, DUPLICATE, ENOUGH, HOST, Rules
from stonehand.curation.models import Curation, CurationItem, SavedWeights
from stonehand.curation.states import CurationState, ItemState
from stonehand.curation.weights import ABOUT, PARTS, Weights, of_json
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.web.pages.curations import (
    CompareView,
    CurateView,
    CurationCard,
    CurationForm,
    CurationView,
    ItemView,
    MovedView,
    Named,
    PartView,
    WeightsPage,
    WeightsView,
)
from stonehand.web.pages.parts import Badge, Meter, Pager, Tab
from stonehand.web.words import number, plural

SHOWN = 50  # items on a page
LISTED = 20  # curations on a page
FAILURES = 200
BADGES = {
    CurationState.READING: Badge("Reading", "busy"),
    CurationState.DONE: Badge("Done", "good"),
    CurationState.LIMITED: Badge("Time was up", "warn"),
    CurationState.STOPPED: Badge("Stopped", "quiet"),
}
REASONS = {
    HOST: "its host has enough articles here",
    DUPLICATE: "nearly the same text as",
    CLUSTER: "of the same cluster as",
    ENOUGH: "enough better ones were chosen",
}


@dataclass(frozen=True)
class Wanted:
    """How somebody wants to see the items."""

    show: str = "chosen"
    sort: str = "place"
    least: int = 0
    host: str = ""
    weights: str = ""
    start: int = 0

    def href(self, curation_id: str, **changes: object) -> str:
        """The address of the page that shows them so."""
        plain = Wanted()
        wish = {**vars(self), "start": 0, **changes}
        asked = {name: value for name, value in wish.items() if value != getattr(plain, name)}
        return f"/curate/{curation_id}" + (f"?{urlencode(asked)}" if asked else "")


def index(session: Session, person: Person, form: CurationForm, before: str | None = None) -> CurateView:
    """The form, and what was curated lately."""
    found = queries.recent(session, LISTED + 1, before)
    older = f"/curate?before={found[LISTED - 1].id}" if len(found) > LISTED else ""
    return CurateView(
        form=form,
        weights=_choices(session, form.weights or queries.weights(session)[0]),
        curations=tuple(_card(session, each) for each in found[:LISTED]),
        can_edit=person.may("edit"),
        pager=Pager("/curate" if before else "", older),
    )


def _choices(session: Session, chosen: str) -> tuple[Named, ...]:
    names = [queries.STANDARD_NAME, *(each.name for each in queries.saved(session))]
    return tuple(Named(name, name, name == chosen) for name in names)


def _card(session: Session, found: Curation) -> CurationCard:
    state = queries.stand(session, found).state
    words = f"{plural(found.chosen, 'article')} chosen of {number(found.scored)}"
    failed = f", {number(found.failed)} failed" if found.failed else ""
    return CurationCard(found.id, _title(found), BADGES[state], words + failed, found.created_at, found.created_by)


def _title(found: Curation) -> str:
    return found.topic or plural(found.total, "address", "addresses")


def curation(session: Session, person: Person, curation_id: str, wanted: Wanted) -> CurationView:
    """One curation, its items as somebody wants to see them. Raises `CurationNotFound`, `WeightsNotFound`."""
    found = queries.curation(session, curation_id)
    stand, every = queries.stand(session, found), queries.items(session, curation_id)
    judged = _judged(session, found, wanted.weights)
    alive = stand.state == CurationState.READING
    scored = [each for each in every if each.state == ItemState.SCORED]
    known = articles.articles(session, [each.article_id for each in scored if each.article_id])
    groups = {
        "chosen": [each for each in scored if _fate(each, judged).place is not None],
        "left_out": [each for each in scored if _fate(each, judged).place is None],
    }
    picked = _sorted(_narrowed(groups.get(wanted.show, scored), known, judged, wanted), known, judged, wanted.sort)
    titles = {each.id: _name(each, known) for each in scored}
    part = picked[wanted.start : wanted.start + SHOWN]
    weights = queries.weights(session, wanted.weights)[1] if wanted.weights else of_json(found.weights)
    done = len(scored) + sum(each.state == ItemState.FAILED for each in every)
    return CurationView(
        id=found.id,
        title=_title(found),
        badge=BADGES[stand.state],
        facts=_facts(found),
        created_at=found.created_at,
        alive=alive,
        meter=Meter(done, found.total, stand.message) if alive else None,
        message=stand.message,
        tabs=tuple(
            Tab(words, wanted.href(found.id, show=key), len(groups[key]), wanted.show == key)
            for key, words in (("chosen", "Chosen"), ("left_out", "Left out"))
        ),
        items=tuple(_item(each, known, _fate(each, judged), titles, weights) for each in part),
        failures=tuple(_failure(each) for each in every if each.state == ItemState.FAILED)[:FAILURES],
        weights=_choices(session, wanted.weights or found.weights_name),
        rules=_rules(Rules(**found.rules)),
        can_edit=person.may("edit"),
        job_id=found.job_id or "",
        trouble=stand.trouble,
        note=found.note,
        show=wanted.show,
        sorts=_sorts(wanted.sort),
        least=str(wanted.least or ""),
        host=wanted.host,
        weights_name=found.weights_name,
        judged_by=wanted.weights,
        pager=_pager(found.id, wanted, len(picked)),
        empty="Nothing is scored yet." if alive and not scored else "Nothing fits.",
    )


def _judged(session: Session, found: Curation, weights: str) -> Mapping[str, Judged]:
    """By other weights than its own; empty if it is shown by its own."""
    if not weights:
        return {}
    return choosing.judge(session, found, queries.weights(session, weights)[1], Rules(**found.rules))


def _fate(item: CurationItem, judged: Mapping[str, Judged]) -> Judged:
    own = Judged(item.score or 0.0, item.place, item.left_out, item.yields_to, item.closeness, item.cluster)
    return judged.get(item.id, own)


def _narrowed(
    items: Sequence[CurationItem], known: Mapping[str, Article], judged: Mapping[str, Judged], wanted: Wanted
) -> list[CurationItem]:
    host = wanted.host.lower().strip()
    return [
        each
        for each in items
        if _fate(each, judged).score >= wanted.least and (not host or host in _article(each, known).host)
    ]


def _article(item: CurationItem, known: Mapping[str, Article]) -> Article:
    return known.get(item.article_id or "") or Article(url=item.url, host="", title="")


def _sorted(
    items: list[CurationItem], known: Mapping[str, Article], judged: Mapping[str, Judged], sort: str
) -> list[CurationItem]:
    if sort in PARTS:
        return sorted(items, key=lambda each: -float((each.parts or {}).get(sort, [0.0])[0]))
    if sort == "newest":
        return sorted(items, key=lambda each: -_moment(_article(each, known)))
    return sorted(items, key=lambda each: (_fate(each, judged).place or 10_000, -_fate(each, judged).score))


def _moment(article: Article) -> float:
    return article.published_at.timestamp() if article.published_at else 0.0


def _sorts(chosen: str) -> tuple[Named, ...]:
    words = {"place": "best first", "newest": "newest first"} | {name: f"by {name}" for name in PARTS}
    return tuple(Named(name, said, name == chosen) for name, said in words.items())


def _name(item: CurationItem, known: Mapping[str, Article]) -> str:
    return _article(item, known).title or item.url


def _item(
    item: CurationItem, known: Mapping[str, Article], fate: Judged, titles: Mapping[str, str], weights: Weights
) -> ItemView:
    article = _article(item, known)
    return ItemView(
        id=item.id,
        title=article.title or item.url,
        href=f"/articles/{item.article_id}" if item.article_id else "",
        url=item.url,
        outlet=article.site or article.host,
        author=article.author or "",
        at=article.published_at,
        score=fate.score,
        place=fate.place,
        note=_reason(fate, titles),
        parts=_parts(item, weights),
    )


def _reason(fate: Judged, titles: Mapping[str, str]) -> str:
    if fate.left_out is None:
        return f"cluster {fate.cluster}" if fate.cluster else ""
    words = REASONS[fate.left_out]
    if fate.yields_to and fate.yields_to in titles:
        return f"{words} “{titles[fate.yields_to]}” (cosine {fate.closeness:.2f})"
    return words


def _parts(item: CurationItem, weights: Weights) -> tuple[PartView, ...]:
    kept = item.parts or {}
    return tuple(
        PartView(name, float(kept[name][0]), kept[name][1], 100 * weights.parts[name]) for name in PARTS if name in kept
    )


def _failure(item: CurationItem) -> ItemView:
    return ItemView(item.id, item.url, "", item.url, note=item.error or "nobody knows why")


def _facts(found: Curation) -> tuple[str, ...]:
    kind = "a topic over the library" if found.kind == "topic" else "a list of addresses"
    sources = ("and the sources",) if found.with_sources else ()
    within = (f"within “{found.within}”",) if found.within else ()
    return (kind, *sources, *within, f"weights: {found.weights_name}", f"asked for by {found.created_by}")


def _rules(rules: Rules) -> dict[str, str]:
    return {
        "most": str(rules.most or ""),
        "domain_cap": str(rules.domain_cap),
        "duplicate": f"{rules.duplicate:g}",
        "cluster": f"{rules.cluster:g}",
        "cluster_cap": str(rules.cluster_cap),
        "by_cluster": "yes" if rules.by_cluster else "",
        "diversify": "yes" if rules.diversify else "",
    }


def _pager(curation_id: str, wanted: Wanted, count: int) -> Pager:
    newer = wanted.href(curation_id, start=max(0, wanted.start - SHOWN)) if wanted.start else ""
    older = wanted.href(curation_id, start=wanted.start + SHOWN) if count > wanted.start + SHOWN else ""
    return Pager(newer, older)


# ── comparing ──


def side_by_side(session: Session, curation_id: str, item_ids: Sequence[str]) -> CompareView:
    """Some articles part by part, and how near they are to each other. Raises `ItemNotFound`."""
    found = queries.curation(session, curation_id)
    picked = [queries.item(session, curation_id, each) for each in item_ids]
    known, weights = articles.articles(session, [each.article_id or "" for each in picked]), of_json(found.weights)
    views = tuple(_item(each, known, _fate(each, {}), {}, weights) for each in picked)
    parts = [{part.name: part for part in view.parts} for view in views]
    rows = [
        (name, tuple(each[name] for each in parts if name in each))
        for name in PARTS
        if any(name in each for each in parts)
    ]
    return CompareView(found.id, _title(found), items=views, rows=tuple(rows), likeness=_likeness(session, picked))


def _likeness(session: Session, picked: Sequence[CurationItem]) -> tuple[str, ...]:
    vectors_of = analyses.analyses(session, [each.article_id or "" for each in picked])
    said = []
    for at, one in enumerate(picked):
        for place, two in enumerate(picked[at + 1 :], at + 1):
            first, second = (vectors_of.get(each.article_id or "") for each in (one, two))
            if first and second and first.vector_model == second.vector_model:
                cosine = float(vectors.unpack(first.vector) @ vectors.unpack(second.vector))
                said.append(f"{at + 1} and {place + 1}: cosine {cosine:.2f}")
    return tuple(said)


def weights_compared(session: Session, curation_id: str, a: str, b: str) -> CompareView:
    """Which places two sets of weights give. Raises `WeightsNotFound`."""
    found = queries.curation(session, curation_id)
    names, (one, two) = comparing.sides(session, found, a, b)
    rows = [(row, one[row.item_id], two[row.item_id]) for row in choosing.candidates(session, curation_id)]
    rows = [row for row in rows if row[1].place or row[2].place]
    rows.sort(key=lambda row: (row[2].place or 10_000, row[1].place or 10_000))
    shared = sum(row[1].place is not None and row[2].place is not None for row in rows)
    moved = [
        MovedView(
            title=row.title,
            href=f"/articles/{row.article_id}",
            before=str(first.place or ""),
            after=str(second.place or ""),
            score_before=f"{first.score:.1f}",
            score_after=f"{second.score:.1f}",
            tone="" if first.place and second.place else "new" if second.place else "gone",
        )
        for row, first, second in rows
    ]
    words = f"{plural(shared, 'article')} chosen by both, {number(len(rows) - shared)} by one of them."
    return CompareView(
        found.id, _title(found), moved=tuple(moved), weights=_choices(session, b), names=names, summary=words
    )


# ── weights ──


def weights_page(session: Session, person: Person, error: str = "", typed: dict[str, str] | None = None) -> WeightsPage:
    """Every set of weights."""
    saved = queries.saved(session)
    in_use = any(each.in_use for each in saved)
    standard = _weights(queries.STANDARD_NAME, Weights(), not in_use, can_change=False)
    return WeightsPage(
        saved=(standard, *(_saved(each, person) for each in saved)),
        form=standard,
        about=ABOUT,
        can_edit=person.may("edit"),
        error=error,
        typed=typed or {},
    )


def _saved(saved: SavedWeights, person: Person) -> WeightsView:
    can_change = saved.user_id == person.id or person.may("admin")
    return _weights(saved.name, of_json(saved.weights), saved.in_use, can_change=can_change)


def _weights(name: str, weights: Weights, in_use: bool, *, can_change: bool) -> WeightsView:
    return WeightsView(
        name=name,
        parts=tuple(PartView(part, weights.parts[part], ABOUT[part]) for part in PARTS),
        half_life=f"{weights.half_life:g}",
        trusted=", ".join(weights.trusted),
        doubted=", ".join(weights.doubted),
        in_use=in_use,
        can_change=can_change,
        half_lives=", ".join(f"{word}: {days:g}" for word, days in weights.half_lives.items()),
    )
