"""Made-up letters, to look at their pages."""

from __future__ import annotations

from datetime import UTC, datetime

from stonehand.web.pages import letters
from stonehand.web.pages.parts import Badge, Link, Tab

CAME = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
READ = letters.LetterRow("one", "Morning news", "Northmark Daily", Badge("Read", "good"), CAME, 4)
LOCKED = letters.LetterRow(
    "two", "For your eyes", "Ada Quill", Badge("Unreadable", "bad"), CAME, 0, "the letter is encrypted"
)
LETTERS = letters.LettersView(
    (READ, LOCKED),
    (Tab("All", "/sources/letters", 2, True), Tab("Unreadable", "/sources/letters?show=unreadable", 1)),
    mailboxes=(Link("INBOX of news@example.org", "/sources/one"),),
    can_edit=True,
)
LETTER = letters.LetterView(
    READ,
    "from a mail service",
    48_211,
    (
        letters.ItemRow(
            "Why the grid held", "Page", "https://news.example/1", Badge("Article", "good"), "/articles/one"
        ),
        letters.ItemRow("Gone", "Page", "https://news.example/2", Badge("Failed", "bad"), "", "404 Not Found"),
        letters.ItemRow("all.zip", "Attachment", "", Badge("Left out"), "", "it is neither PDF nor HTML nor text"),
        letters.ItemRow(
            "Known", "Page", "https://news.example/3", Badge("Article", "good"), "/articles/one", "", False
        ),
    ),
    ("an invitation was left out: nobody reads it",),
    CAME,
    CAME,
    True,
)
