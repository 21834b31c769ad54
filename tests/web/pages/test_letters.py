"""The pages of letters."""

from __future__ import annotations

import pytest

from stonehand.db import Database
from stonehand.jobs.testing import run_all
from tests.sources.letters.writing import NEWS, letter
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")


def test_a_letter_is_handed_in_and_says_what_became_of_it(visit: Visit, database: Database) -> None:
    editor = visit("editor")
    assert "No letters here." in editor.go("/sources/letters")
    made = letter(f"Budget passes\n{NEWS}/budget\n", subject="Morning <b>news</b>")
    made.add_attachment(b"PK", maintype="application", subtype="zip", filename="all.zip")
    answer = editor.answer("/sources/letters", [("files", ("a.eml", made.as_bytes(), "message/rfc822"))])
    assert "Took in 1 letter." in answer.text
    assert "Waits to be read" in answer.text
    run_all(database, queues=("email",))
    shown = words(editor.go(str(answer.url.path)))
    assert "Budget passes" in shown
    assert "application/zip is neither PDF nor HTML nor text" in shown
    assert "<b>news</b>" not in editor.page
    assert "Read anew" in shown
    listed = words(editor.go("/sources/letters"))
    assert "2 things named" in listed
    assert "Letters handed in" in words(editor.go("/sources"))
    editor.go(str(answer.url.path))
    assert "read anew" in editor.send(str(answer.url.path) + "/read")
    assert "Its articles stay." in editor.send(str(answer.url.path) + "/remove")


def test_what_is_no_letter_is_refused_beside_the_field(visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/sources/letters")
    answer = editor.answer("/sources/letters", [("files", ("a.png", b"\x89PNG", "image/png"))])
    assert answer.status_code == 422
    assert "a.png: this is no letter" in words(answer.text)


def test_a_mailbox_that_cannot_be_read_says_why_beside_what_was_typed(visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/sources/letters")
    typed = {"host": "10.0.0.1", "user": "ada", "password": "tulips and rain", "folder": "News"}
    typed["security"] = "starttls"
    page = editor.send("/sources/letters/mailbox", 422, **typed)
    assert "private or reserved network" in words(page)
    assert 'value="News"' in page
    assert '<option value="starttls" selected>' in page
    assert "tulips" not in page


def test_a_viewer_hands_nothing_in(visit: Visit) -> None:
    viewer = visit("viewer")
    assert 'type="file"' not in viewer.go("/sources/letters")
    assert viewer.answer("/sources/letters", [("files", ("a.eml", b"x", "message/rfc822"))]).status_code == 403
