"""What a letter names: sections of newsletters, links of notes, texts, attachments."""

from __future__ import annotations

import pytest

from stonehand.sources.letters import links, reading
from stonehand.sources.letters.reading import Item
from tests.sources.letters.writing import NEWS, NEWSLETTER, letter, pdf


def items(made: object) -> list[Item]:
    return list(reading.read(made.as_bytes(), "x").items)  # type: ignore[attr-defined]


def pages(found: list[Item]) -> dict[str | None, str]:
    return {each.url: each.title for each in found if each.kind == "link" and not each.error}


def test_a_newsletter_is_split_into_its_sections() -> None:
    found = items(letter("plain", NEWSLETTER, List_Unsubscribe="<https://post.example/u?x=1>, <mailto:u@post.example>"))
    assert pages(found) == {
        f"{NEWS}/floods?id=4": "Floods close the valley road",
        f"{NEWS}/bridge": "Bridge opens in May",
        f"{NEWS}/a": "A school gets a new roof",
        f"{NEWS}/b": "market moves again",
    }
    summaries = [each.entry.summary for each in found if each.entry]
    assert summaries[0] == "Heavy rain closed the road on Monday, the council said."
    assert len(found) == 4  # nothing of the frame is left, not even as left out


def test_an_essay_is_a_text_of_its_own_and_its_references_are_not_followed() -> None:
    prose = "<p>" + "The river rose again this week and nobody was surprised by it any more. " * 30
    found = items(letter("x", f"{prose}<a href='{NEWS}/1'>a study</a> says so.</p>", subject="On rivers"))
    assert [(each.kind, each.title, each.error) for each in found] == [
        ("text", "On rivers", None),
        ("link", "a study", reading.ASIDE),
    ]
    assert found[0].entry
    assert "river rose again" in (found[0].entry.content_html or "")
    assert found[0].entry.author == "Morning Post"


def test_a_note_in_plain_text_names_its_addresses() -> None:
    budget = f"City budget passes\n{NEWS}/budget?utm_source=x\nIt was a long night."
    text = f"Hi,\n\n{budget}\n\nAlso {NEWS}/other.\n\n-- \nBob\n{NEWS}/me\n"
    assert pages(items(letter(text))) == {f"{NEWS}/budget": "City budget passes", f"{NEWS}/other": "Also"}


def test_html_without_a_text_gives_way_to_the_plain_part() -> None:
    made = letter(f"Budget passes\n{NEWS}/budget\n", "<img src='https://x.example/all-in-one-picture.png'>")
    assert pages(items(made)) == {f"{NEWS}/budget": "Budget passes"}


def test_attachments_become_texts_by_what_they_are() -> None:
    made = letter("See below, it is all in the files.")
    made.add_attachment(
        pdf("The council met on Monday evening.\nIt passed the budget."),
        maintype="application",
        subtype="octet-stream",
        filename="minutes_2026.pdf",
    )
    made.add_attachment(
        "<title>Report</title><p>Long words.</p><script>alert(1)</script>", subtype="html", filename="r.html"
    )
    made.add_attachment("Just text.\n\nTwo paragraphs.", filename="note.txt")
    made.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="logo.gif")
    made.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="all.zip")
    made.add_attachment(b"not one", maintype="application", subtype="pdf", filename="fake.pdf")
    found = {each.title: each for each in items(made)}
    assert {name: each.error for name, each in found.items()} == {
        "minutes_2026.pdf": None,
        "r.html": None,
        "note.txt": None,
        "all.zip": "application/zip is neither PDF nor HTML nor text",
        "fake.pdf": "it is called a PDF, but is none",
    }
    texts = {name: each.entry for name, each in found.items() if each.entry}
    assert texts["minutes_2026.pdf"].title == "minutes 2026"
    assert "passed the budget" in str(texts["minutes_2026.pdf"].content_html)
    assert "alert" not in str(texts["r.html"].content_html)
    assert texts["r.html"].title == "Report"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (f"{NEWS}/a?utm_source=x&id=3&mc_eid=9#part", f"{NEWS}/a?id=3#part"),
        (f"{NEWS}/a?ref=nl&source=mail&campaign=7", f"{NEWS}/a"),
        (f"https://www.google.com/url?q={NEWS}%2Fa%3Fid%3D1&sa=D", f"{NEWS}/a?id=1"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example%2Fa&h=AT", f"{NEWS}/a"),
        ("https://urldefense.com/v3/__https://news.example/a__;!!abc$", f"{NEWS}/a"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__news.example_a&d=x", f"{NEWS}/a"),
        ("https://x1.awstrack.me/L0/https:%2F%2Fnews.example%2Fa/1/0100-000/sig=1", f"{NEWS}/a"),
        ("https://substack.com/redirect/2/eyJlIjoiaHR0cHM6Ly9uZXdzLmV4YW1wbGUvYSJ9.sig", f"{NEWS}/a"),
        (
            "https://mandrillapp.com/track/click/1/news.example?p=eyJzIjoieCIsInAiOiJ7XCJ1cmxcIjpcImh0dHBzOi8vbmV3cy5leGFtcGxlL2FcIn0ifQ",
            f"{NEWS}/a",
        ),
        (
            "https://click.example/r?url=https%3A%2F%2Fsafelinks.protection.outlook.com%2F%3Furl%3Dhttps%253A%252F%252Fnews.example%252Fa",
            f"{NEWS}/a",
        ),
        ("https://opaque.example/ls/click?upn=abcDEF", "https://opaque.example/ls/click?upn=abcDEF"),
        (f"{NEWS}/search?url=https://other.example/", f"{NEWS}/search?url=https://other.example/"),
        ("mailto:a@b.example", None),
        ("javascript:alert(1)", None),
        ("https://click.example/r?url=javascript:alert(1)", "https://click.example/r?url=javascript:alert(1)"),
        ("http://[::1", None),
    ],
)
def test_links_are_cleaned_without_asking_anybody(given: str, wanted: str | None) -> None:
    assert links.cleaned(given) == wanted


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://x.example/abc", "Unsubscribe"),
        ("https://x.example/abc", "Newsletter abbestellen"),
        ("https://x.example/abc", "Manage your preferences"),
        ("https://x.example/abc", "View in browser"),
        ("https://x.example/unsubscribe?u=1", "here"),
        ("https://www.facebook.com/sharer/sharer.php?u=https://a.example/", ""),
        ("https://twitter.com/intent/tweet?text=x", "Tweet"),
        ("https://x.com/paper", "X"),
        ("https://x.example/pixel.gif", ""),
        ("https://x.example/", "Home"),
    ],
)
def test_the_frame_of_a_letter_is_no_news(url: str, text: str) -> None:
    assert links.is_furniture(url, text)


@pytest.mark.parametrize(
    "url", [f"{NEWS}/2026/sharing-economy", "https://x.com/paper/status/12", f"{NEWS}/terminal-opens"]
)
def test_what_only_looks_like_it_is_news(url: str) -> None:
    assert not links.is_furniture(url, "A headline of five words")
