"""The sample's articles are what a first look and the tests of folding need."""

from __future__ import annotations

from collections import Counter, defaultdict
from difflib import SequenceMatcher

from stonehand.sample import Truth, slug_of, truth
from stonehand.sample.content import SampleArticle, articles, events
from stonehand.sample.outlets import OUTLETS

BY_SLUG = {article.slug: article for article in articles()}


def _own_words() -> dict[str, set[str]]:
    outlets = defaultdict(set)
    for slug, (event, copy_of) in truth().items():
        if copy_of is None:
            outlets[event].add(BY_SLUG[slug].outlet)
    return outlets


def _text(article: SampleArticle) -> str:
    return "\n".join(article.paragraphs)


def test_there_are_short_articles_of_six_outlets_over_six_days() -> None:
    assert 64 <= len(articles()) <= 75
    assert len(BY_SLUG) == len(articles())
    assert {article.outlet for article in articles()} == set(OUTLETS)
    assert len(OUTLETS) == 6
    assert [one.slug for one in articles() if not 120 <= len(_text(one).split()) <= 350] == []
    assert 0 < articles()[0].hours < 6
    assert 120 < articles()[-1].hours < 168
    assert Counter(article.language for article in articles())["de"] == 3


def test_truth_names_every_article_and_only_known_events() -> None:
    assert set(truth()) == set(BY_SLUG)
    single = {slug for slug, (event, _) in truth().items() if event == slug}
    assert {event for event, _ in truth().values()} - single == set(events())
    assert len(single) >= 10
    assert truth()["wire-ferry-fire-skerrin"] == Truth("ferry-fire", None)


def test_events_are_told_by_several_outlets_in_their_own_words() -> None:
    widely = [event for event, outlets in _own_words().items() if 3 <= len(outlets) <= 5]
    assert len(widely) >= 6


def test_copies_are_nearly_verbatim_and_have_another_headline() -> None:
    copies = {slug: copy_of for slug, (_, copy_of) in truth().items() if copy_of}
    assert len(copies) >= 6
    for slug, original in copies.items():
        ours, theirs = BY_SLUG[slug], BY_SLUG[original]
        assert ours.title != theirs.title
        assert ours.outlet != theirs.outlet
        assert truth()[slug].event == truth()[original].event
        words = SequenceMatcher(None, _text(ours).split(), _text(theirs).split(), autojunk=False)
        assert words.ratio() > 0.8, slug


def test_confusable_events_name_each_other_and_share_no_article() -> None:
    pairs = {event: row["confusable_with"] for event, row in events().items() if "confusable_with" in row}
    assert len(pairs) == 4
    assert all(pairs[other] == event for event, other in pairs.items())


def test_one_story_grows_over_days_and_is_corrected() -> None:
    growing = [BY_SLUG[slug] for slug, (event, _) in truth().items() if event == "tarnholm-water"]
    hours = [article.hours for article in growing]
    assert max(hours) - min(hours) > 96
    assert any(article.title.startswith("Correction") for article in growing)
    assert "lifted" in min(growing, key=lambda article: article.hours).summary


def test_one_article_tries_to_give_orders_seen_and_unseen() -> None:
    hostile = [article for article in articles() if article.hidden]
    assert [article.slug for article in hostile] == ["mushroom-fair-wood-lane"]
    assert "IGNORE ALL PREVIOUS INSTRUCTIONS" in _text(hostile[0])
    assert "evil.example" in hostile[0].hidden


def test_slug_of_reads_every_kind_of_address() -> None:
    for path in ("news/a-b", "a-b.html", "article/a-b/", "a-b?utm_source=rss"):
        assert slug_of(f"http://127.0.0.1:1/outlet/{path}") == "a-b"
