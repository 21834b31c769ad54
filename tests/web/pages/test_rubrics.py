"""The pages of rubrics, without scripts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand.analysis import describing, findings
from stonehand.analysis import service as analysis
from stonehand.analysis import tasks as _analysis  # noqa: F401
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.rubrics import queries, service
from stonehand.rubrics import tasks as _rubrics  # noqa: F401
from stonehand.rubrics.models import Judgement, Rubric, Trial
from tests.rubrics.conftest import BE, HAVE
from tests.stories.conftest import words_as_vectors
from tests.web.pages import newsroom
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

__all__ = ["words_as_vectors"]


@pytest.fixture
def two(database: Database, pipeline: None) -> tuple[str, str]:
    texts = {"BE": BE, "HAVE": HAVE}
    ids = {}
    with database.transaction() as session:
        service.install_presets(session)
        for name, text in texts.items():
            ids[name] = newsroom.article(session, text, title=f"About {name}")
    found = findings.find([("", BE), ("", HAVE)])
    with database.transaction() as session:
        analysis.record(session, dict(zip(ids.values(), found, strict=True)))
        readings = describing.read(session, list(ids.values()))
    described = describing.describe(readings, {})
    with database.transaction() as session:
        describing.record(session, described)
    return ids["BE"], ids["HAVE"]


def fields(page: str) -> dict[str, object]:
    """What the form of the test bench would send as it stands."""
    import html
    import re

    bench = page.partition('class="stack rubric-form"')[2].partition("</form>")[0]
    found: dict[str, object] = {"weight": re.findall(r'name="weight" value="([^"]*)"', bench)}
    for name in ("description", "keywords"):
        found[name] = [html.unescape(text) for text in re.findall(rf'name="{name}"[^>]*>([^<]*)<', bench)]
    for name in ("bands", "about", "words"):
        found[name] = html.unescape("".join(re.findall(rf'name="{name}"[^>]*>([^<]*)<', bench)[:1]))
    for name in ("topic", "places", "names", "languages"):
        found[name] = html.unescape(re.findall(rf'name="{name}" value="([^"]*)"', bench)[0])
    return found


def test_a_rubric_is_made_tried_out_and_saved(visit: Visit, database: Database, two: tuple[str, str]) -> None:
    ada = visit("editor")
    assert "Be-Do-Have" in words(ada.go("/rubrics"))
    assert "is made" in words(ada.send("/rubrics", key="be-do-have", name="Our phases"))
    form = fields(ada.go("/rubrics/our-phases"))
    assert len(form["weight"]) == 3  # type: ignore[arg-type]
    form["weight"] = ["1000", "0.001", "0.001"]
    page = ada.send("/rubrics/our-phases/replay", **form)
    assert "nothing is saved yet" in words(page)
    run_all(database, queues=("analysis",))
    with database.read() as session:
        trial_id = session.scalar(sa.select(Trial.id))
    page = words(ada.go(f"/rubrics/trials/{trial_id}"))
    assert "BE weighs 1000, not 1" in page
    assert "BE: 1 before, 2 now" in page
    assert "HAVE" in page
    assert "Saved as version 2" in words(ada.send(f"/rubrics/trials/{trial_id}/save"))
    assert "says what version 1 said" in words(ada.send("/rubrics/our-phases/versions/1/restore"))
    ada.go("/rubrics/our-phases")
    assert "is gone" in words(ada.send("/rubrics/our-phases/remove"))
    ada.go("/rubrics/our-phases", 404)


def test_an_unchanged_form_changes_nothing(visit: Visit, database: Database, two: tuple[str, str]) -> None:
    ada = visit("editor")
    for slug in ("be-do-have", "cultural-relevance", "curator-score", "search-engines"):
        form = fields(ada.go(f"/rubrics/{slug}"))
        ada.send(f"/rubrics/{slug}/save", **form)
        with database.read() as session:
            assert queries.rubric(session, slug).version == 1, slug


def test_only_a_sum_is_asked_for_bands(visit: Visit, two: tuple[str, str]) -> None:
    ada = visit("editor")
    assert 'name="bands"' not in ada.go("/rubrics/be-do-have")
    assert 'name="bands"' in ada.go("/rubrics/curator-score")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weight": ["1", "x", "1"]}, "Weight Give a number."),
        ({"weight": ["1", "-2", "1"]}, "greater than 0"),
        ({"weight": ["1"]}, "has changed meanwhile"),
        ({"keywords": ["nonsense", "", ""]}, "Write lines such as en: one, two"),
        ({"bands": "good"}, "Write lines such as good: 60"),
        ({"languages": "English"}, "Languages Name languages by two letters, such as en, de; not 'english'."),
        ({"as_json": "yes", "whole": "{"}, "This is no JSON"),
        ({"as_json": "yes", "whole": "[]"}, "must be a JSON object"),
    ],
)
def test_what_makes_no_sense_is_said_beside_what_was_typed(
    visit: Visit, two: tuple[str, str], wrong: dict[str, object], said: str
) -> None:
    ada = visit("editor")
    form = fields(ada.go("/rubrics/be-do-have")) | wrong
    page = ada.send("/rubrics/be-do-have/replay", 422, **form)
    assert said.lower() in words(page).lower()


def test_each_wrong_field_has_its_own_words_beside_it(visit: Visit, two: tuple[str, str]) -> None:
    ada = visit("editor")
    form = fields(ada.go("/rubrics/curator-score"))
    count = len(form["weight"])  # type: ignore[arg-type]
    form |= {"weight": ["1", "x", *["1"] * (count - 2)], "bands": "good", "languages": "English"}
    page = ada.send("/rubrics/curator-score/save", 422, **form)
    assert 'role="alert"' not in page.partition('id="bench-title"')[2].partition("</form>")[0]
    for name, said in (("weight-1", "Give a number."), ("bands", "good: 60; not"), ("languages", "by two letters")):
        beside = page.partition(f'id="note-{name}">')[2].partition("<")[0]
        assert said in beside
        assert f'aria-describedby="note-{name}" aria-invalid="true"' in page
    assert 'aria-invalid="true"' not in ada.go("/rubrics/curator-score")


def test_an_article_shows_what_was_found_out_with_its_places(
    visit: Visit, database: Database, two: tuple[str, str]
) -> None:
    ada = visit("editor")
    page = ada.go(f"/articles/{two[1]}")
    said = words(page)
    assert "What is told of it" in said
    assert "Sums" in said
    assert "2 million dollars" in said
    assert 'href="#at-0"' in page
    assert "is scored as soon as" in words(ada.send(f"/articles/{two[1]}/score", rubric="be-do-have"))
    ada.send(f"/articles/{two[1]}/score", rubric="readability")
    run_all(database, queues=("analysis",))
    said = words(ada.go(f"/articles/{two[1]}"))
    assert "Be-Do-Have HAVE" in said
    assert "Difficulty" in said
    assert "Noted" in words(ada.send(f"/articles/{two[1]}/judge/be-do-have", said="DO"))
    assert "Editor says DO" in words(ada.go(f"/articles/{two[1]}"))
    assert "takes a score from 0 to 100" in words(ada.send(f"/articles/{two[1]}/judge/readability", said="lots"))
    assert "Noted" in words(ada.send(f"/articles/{two[1]}/judge/readability", said="64"))
    with database.read() as session:
        assert {each.score for each in session.scalars(sa.select(Judgement))} == {None, 64.0}


def test_a_step_is_run_again_from_the_article_and_one_is_kept(
    visit: Visit, database: Database, two: tuple[str, str]
) -> None:
    ada = visit("editor")
    ada.go(f"/articles/{two[0]}")
    ada.send(f"/articles/{two[0]}/redescribe")
    ada.send(f"/articles/{two[0]}/rerun", rubric="be-do-have")
    run_all(database, queues=("analysis",))
    with database.read() as session:
        ids = {step: trial_id for trial_id, step in session.execute(sa.select(Trial.id, Trial.step))}
    assert "Described again" in words(ada.go(f"/rubrics/trials/{ids['describe']}"))
    page = words(ada.go(f"/rubrics/trials/{ids['score']}"))
    assert "Scored again: Be-Do-Have" in page
    assert "nothing" in page
    assert "is kept for 1 article" in words(ada.send(f"/rubrics/trials/{ids['score']}/keep/new", article_id=two[0]))
    assert "Be-Do-Have BE" in words(ada.go(f"/articles/{two[0]}"))
    ada.go(f"/rubrics/trials/{ids['score']}")
    ada.send(f"/rubrics/trials/{ids['score']}/keep/neither", 200)


def test_chosen_articles_are_scored_or_described_again(visit: Visit, database: Database, two: tuple[str, str]) -> None:
    ada = visit("editor")
    for article_id in two:
        ada.go(f"/articles/{article_id}")
        ada.send(f"/articles/{article_id}/score", rubric="readability")
    run_all(database, queues=("analysis",))
    assert ada.go("/rubrics/readability").count('type="checkbox" name="article_id"') == 2
    assert "Scored again: Readability" in words(ada.send("/rubrics/readability/rerun", article_id=list(two)))
    ada.go("/rubrics/readability")
    assert "Described again" in words(ada.send("/rubrics/readability/rerun", article_id=two[0], step="describe"))
    ada.go("/rubrics/readability")
    assert "Choose 1 to 100 articles, not 0" in words(ada.send("/rubrics/readability/rerun"))


def test_name_use_and_calibration(visit: Visit, database: Database, two: tuple[str, str]) -> None:
    ada = visit("editor")
    ada.go("/rubrics/readability")
    ada.send("/rubrics/readability/describe", name="Reading ease", description="d", automatic="on")
    with database.read() as session:
        found = session.scalars(sa.select(Rubric).where(Rubric.slug == "readability")).one()
        assert (found.name, found.is_automatic) == ("Reading ease", True)
    assert "12 more are needed" in words(ada.go("/rubrics/readability"))
    ada.send("/rubrics/readability/calibrate")
    ada.go("/rubrics/readability")
    assert "by itself again" in words(ada.send("/rubrics/readability/uncalibrate"))
    ada.send("/rubrics/readability/describe", name=" ", description="")
    assert "needs 1 to 100 characters" in words(ada.page)
    assert "is a preset and stays" in words(ada.send("/rubrics/readability/remove"))


def test_readers_look_and_change_nothing(visit: Visit, two: tuple[str, str]) -> None:
    vic = visit("viewer")
    page = vic.go("/rubrics/be-do-have")
    assert "Try it on the last 30 days" not in page
    assert "Say so" not in vic.go(f"/articles/{two[0]}")
    vic.send("/rubrics/be-do-have/calibrate", 403)
    vic.send(f"/articles/{two[0]}/redescribe", 403)
    vic.go("/rubrics/none", 404)
    vic.go("/rubrics/trials/none", 404)
