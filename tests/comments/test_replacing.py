"""One phrase replaced in many comments: only in what readers see, checked one by one, and nothing half done."""

from __future__ import annotations

import pytest

from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person, granted
from stonehand.comments import deciding, phrases, replacing, wording
from stonehand.comments.errors import CommentUnfit
from stonehand.comments.models import Comment
from stonehand.comments.schemas import Replaced

from .conftest import ADMIN, EDITOR, Desk

VIEWER = Person("u9", "vi@example.org", "Vi", "viewer", granted("viewer"))
SAID = wording.DISCLOSURES["de"]
LONG = "Dein Text über den <em>kalten Bach</em> gefällt mir sehr. Wie ging es danach weiter?"


@pytest.fixture
def written(desk: Desk) -> Desk:
    """Six texts that wait for a person."""
    desk.process()
    desk.run()
    return desk


def do(desk: Desk, find: str, by: str, match_case: bool = True) -> Replaced:
    with desk.database.transaction() as session:
        return replacing.replace(session, EDITOR, desk.ids(), phrases.read(find, by, match_case))


def html(desk: Desk, comment_id: str) -> str:
    return next(each.html for each in desk.comments() if each.id == comment_id)


@pytest.mark.parametrize(
    ("find", "by", "made"),
    [
        ("kalten Bach", "Fluss", "über den <em>Fluss</em> gefällt"),
        ("den kalten", "einen", "über einen <em>Bach</em>"),
        ("DEN  KALTEN", "einen", "über einen <em>Bach</em>"),
        (" sehr", "", "gefällt mir. Wie"),
        ("mir", "<b>uns</b> & euch", "gefällt &lt;b&gt;uns&lt;/b&gt; &amp; euch sehr"),
    ],
)
def test_what_readers_see_is_replaced_and_its_style_stays(find: str, by: str, made: str) -> None:
    said = wording.normalised(LONG, SAID)
    changed = phrases.replaced(said, SAID, phrases.read(find, by, match_case=find.islower() or find[0].islower()))
    assert changed
    assert made in changed.html
    assert changed.count == 1


def test_the_disclosure_is_never_touched() -> None:
    said = wording.normalised(LONG, SAID)
    assert phrases.replaced(said, SAID, phrases.read("KI-ChatBot", "Menschen")) is None
    assert phrases.replaced(said, SAID, phrases.read("Kommentar", "Text")) is None


@pytest.mark.parametrize(("find", "by"), [(" ", "x"), ("x", "x"), ("x" * 2001, "y"), ("\u200b", "y")])
def test_what_cannot_be_looked_for(find: str, by: str) -> None:
    with pytest.raises(CommentUnfit):
        phrases.read(find, by)


def test_all_are_replaced_and_approvals_taken_back(written: Desk) -> None:
    first, *rest = written.ids()
    with written.database.transaction() as session:
        deciding.approve(session, ADMIN, [first])
        seen = replacing.look(session, EDITOR, written.ids(), phrases.read("Dein Text", "Deine Geschichte"))
    assert (seen.done, seen.approvals, seen.without, seen.refused) == (6, 1, 0, {})
    assert "Dein Text" in html(written, first), "looking changes nothing"
    made = do(written, "Dein Text", "Deine Geschichte")
    assert made == seen
    assert (made.items[0].lead, made.items[0].was, made.items[0].becomes) == ("", "Dein Text", "Deine Geschichte")
    for each in written.comments():
        assert each.html.startswith(f"<p>{SAID}</p><p>Deine Geschichte gefällt mir")
        assert (each.state, each.writer, each.approved_sha256) == ("generated", "person", "")
    again = do(written, "Dein Text", "Deine Geschichte")
    assert (again.done, again.without, again.items) == (0, 6, [])
    assert len(rest) == 5


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("{name}, dein Text", "a place was never filled in: {name}"),
        ("[Dieser Kommentar stammt von einem Menschen.] Dein Text", "only its disclosure may"),
        ("Siehe https://x.example, dein Text", "it holds an address"),
        ("x" * 1999, ""),
    ],
)
def test_what_does_not_fit_stays_and_says_why(written: Desk, by: str, why: str) -> None:
    first, *others = written.ids()
    for each in others:
        written.set(Comment, each, html=wording.normalised(LONG.replace("Dein Text", "Der Aufsatz"), SAID))
    before = html(written, first)
    made = do(written, "Dein Text", by)
    assert (made.done, made.without) == (0 if why else 1, 5)
    assert why in "".join(made.refused.values())
    assert (html(written, first) == before) == bool(why)


def test_too_short_is_refused_and_an_old_fault_is_no_reason(written: Desk) -> None:
    first, second, third, *others = written.ids()
    written.set(Comment, first, html=f"<p>{SAID}</p><p>Schön, wie du den kalten Bach beschreibst, weil es so war.</p>")
    written.set(
        Comment, second, html=f"<p>{SAID}</p><p>Hallo {{name}}, schön, wie du den kalten Bach so beschreibst.</p>"
    )
    written.set(Comment, third, html=f"<p>{SAID}</p><p>Schön, wie du den kalten Bach beschreibst.</p>", state="posted")
    made = do(written, "Schön, wie du den kalten Bach beschreibst, weil es so war", "Schön")
    assert "characters" in made.refused[first]
    assert made.without == 5
    said = do(written, "den kalten Bach", "den warmen Bach")
    assert said.refused == {third: "it is posted"}
    assert {each.id for each in said.items} == {first, second, third}
    assert "den warmen Bach" in html(written, second)
    assert next(each for each in said.items if each.id == second).warnings == ["a place was never filled in: {name}"]
    assert do(written, "Hallo {name}, schön, wie", "Hallo Mia, schön, wie").done == 1, "and it can be mended"
    assert next(each.warnings for each in written.comments() if each.id == second) == []
    assert (
        do(written, html(written, first).split("<p>")[-1].removesuffix("</p>"), "").refused[first].startswith("nothing")
    )
    with written.database.transaction() as session:
        gone = replacing.look(session, EDITOR, ["nobody"], phrases.read("a", "b"))
        assert gone.refused == {"nobody": "there is no such comment"}
        with pytest.raises(PermissionMissing):
            replacing.replace(session, VIEWER, others, phrases.read("a", "b"))
