"""The editor at a browser without scripts: written, kept, measured, shown, saved by two, restored, withdrawn."""

from __future__ import annotations

import re

import pytest

from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.drafts.wording import Wording
from stonehand.posts import copies, queries, service
from tests.drafts.material import HARBOUR
from tests.web.pages import newsroom
from tests.web.pages.browsing import Browser, words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
FIRST = "The harbour bridge in Norwick will close for six weeks from Monday, the city council said. [1]"
EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](https://t.example/pixel.gif)",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>body{background:url(https://t.example)}</style>",
    "<form action=https://t.example><input name=q></form>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<base href=https://t.example>",
    "</article></body><script>alert(1)</script>",
    "<meta http-equiv=refresh content='0;url=https://t.example'>",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    "```\n<script>alert(1)</script>\n```",
    "<details open ontoggle=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
)


@pytest.fixture
def editor(visit: Visit) -> Browser:
    return visit("editor")


@pytest.fixture
def post(database: Database, editor: Browser) -> str:
    """A post that an editor has begun in the browser, on one article."""
    with database.transaction() as session:
        article_id = newsroom.article(session, HARBOUR)
    page = editor.go(f"/posts/new?article={article_id}")
    assert "Cracks in the bridge" in words(page)
    editor.send("/posts/new", title="Bridge closes", keyword="bridge", language="", article=[article_id])
    with database.read() as session:
        return queries.posts(session)[0].id


def form(browser: Browser, post_id: str, **changes: object) -> dict[str, object]:
    """What the editor's form would send now, with changes."""
    page = browser.go(f"/posts/{post_id}")
    hidden = re.findall(r'<input type="hidden" name="(expected|number|source)" value="([^"]*)"', page)
    fields: dict[str, object] = {name: value for name, value in hidden if name != "source"}
    fields["source"] = [value for name, value in hidden if name == "source"]
    return fields | {"title": "Bridge closes", "text": FIRST} | changes


def status(database: Database, post_id: str) -> str:
    with database.read() as session:
        return queries.post(session, post_id).status


def test_from_nothing_to_the_review_desk(editor: Browser, post: str, database: Database) -> None:
    page = editor.send(f"/posts/{post}/save", **form(editor, post, hand_in="no", keywords="bridge, Norwick"))
    assert "Saved. It stays with you." in words(page)
    assert (status(database, post), "version 1" in words(page)) == ("draft", True)
    assert f"{FIRST}</textarea>" in page  # as it was typed: neither links nor the list of sources
    page = editor.send(f"/posts/{post}/save", **form(editor, post, hand_in="yes"))
    assert "waits at the review desk" in words(page)
    assert status(database, post) == "in_review"
    assert "Save as version" in words(page)
    assert "Bridge closes" in editor.go("/review")


def test_the_list_is_narrowed(editor: Browser, post: str, visit: Visit) -> None:
    assert f'href="/posts/{post}"' in editor.go("/posts?status=draft&text=bridge")
    assert "No posts here." in editor.go("/posts?status=published")
    editor.go("/posts?status=nonsense", 422)
    assert "/posts/new" not in visit("viewer").go("/posts")
    visit("viewer").go("/posts/new", 403)


def test_measuring_saves_nothing(editor: Browser, post: str, database: Database) -> None:
    text = FIRST + "\n\nCheese grows on the moon. It was “found 14 cracked bolts” there."
    page = editor.send(f"/posts/{post}/measure", **form(editor, post, text=text))
    said = words(page)
    assert "no source says this" in said
    assert "1 proven word for word" in said
    assert re.search(r"characters \d+–\d+ of source 1", said)
    assert "Cheese grows on the moon." in page
    with database.read() as session:
        assert drafts.revisions(session, post) == []
    block = editor.client.post(
        f"/posts/{post}/measure",
        data=form(editor, post, text=text) | {"csrf_token": token(editor)},
        headers={"HX-Request": "true", "HX-Target": "aside#beside"},
    ).text
    assert block.lstrip().startswith('<aside class="beside" id="beside"')


def token(browser: Browser) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert found
    return found[1]


def test_what_is_typed_is_there_after_a_crash(editor: Browser, post: str, database: Database) -> None:
    typed = form(editor, post, text="Half a sent")
    sent = editor.client.post(
        f"/posts/{post}/copy", data=typed | {"csrf_token": token(editor)}, headers={"Accept": "application/json"}
    )
    assert (sent.json()["number"], sent.json()["outdated"]) == (1, False)
    page = editor.go(f"/posts/{post}")
    assert "Half a sent</textarea>" in page
    assert "is here again" in words(page)
    late = editor.client.post(
        f"/posts/{post}/copy", data=typed | {"csrf_token": token(editor)}, headers={"Accept": "application/json"}
    )
    assert (late.status_code, "another window" in late.json()["words"]) == (409, True)
    assert "Discarded" in words(editor.send(f"/posts/{post}/discard"))
    assert "Half a sent" not in editor.go(f"/posts/{post}")


def test_of_two_who_write_nobody_loses_a_word(
    editor: Browser, post: str, database: Database, people: dict[str, Person]
) -> None:
    editor.send(f"/posts/{post}/save", **form(editor, post, hand_in="no"))
    mine = form(editor, post, text=f"{FIRST} Mine is this.", hand_in="no")
    with database.transaction() as session:
        now = drafts.draft(session, post).current_revision_id or ""
        theirs = Wording("Theirs", f"{FIRST} Theirs is that.", sources=tuple(drafts.revision(session, now).sources))
        service.save(session, people["publisher"], post, theirs, now, hand_in=False)
    page = editor.send(f"/posts/{post}/save", 409, **mine)
    assert "Nothing is lost" in words(page)
    assert "Mine is this.</textarea>" in page
    assert "Theirs is that.</textarea>" in page
    assert re.search(r"<del>[^<]*Theirs[^<]*</del>", page)
    with database.read() as session:
        kept = copies.copy(session, post, people["editor"].id)
        assert kept is not None
        assert kept.markdown.endswith("Mine is this.")
    assert "Two texts" in words(editor.go(f"/posts/{post}"))  # also after a crash now
    merged = re.search(r'name="expected" value="([^"]+)"', page)
    assert merged
    both = mine | {"expected": merged[1], "text": f"{FIRST} Mine is this. Theirs is that."}
    assert "Saved." in words(editor.send(f"/posts/{post}/save", **both))
    with database.read() as session:
        assert [each.number for each in drafts.revisions(session, post)] == [3, 2, 1]


def test_what_cannot_be_saved_is_shown_again_with_the_reason(editor: Browser, post: str) -> None:
    page = editor.send(f"/posts/{post}/save", 422, **form(editor, post, text="Text <b>bold</b>.", slug="mine"))
    assert "Not saved: the text holds raw HTML" in words(page)
    assert "Text &lt;b&gt;bold&lt;/b&gt;.</textarea>" in page
    assert 'name="slug" value="mine"' in page
    page = editor.send(f"/posts/{post}/save", 422, **form(editor, post, meta_title="x" * 71))
    assert "at most 70 are shown" in words(page)


def test_the_preview_is_the_page_of_the_target_in_a_frame_of_its_own(editor: Browser, post: str) -> None:
    typed = form(editor, post, meta_title="For engines", text=f"**Bold.** {FIRST}", scheme="dark")
    shown = editor.client.post(f"/posts/{post}/preview", data=typed | {"csrf_token": token(editor)})
    assert "<strong>Bold.</strong>" in shown.text
    assert re.search(
        r'\[<a href="https://harbour-post[^"]+"|<a href="https://harbour-post[^"]+"[^>]*>\[1\]</a>', shown.text
    )
    assert "<title>For engines</title>" in shown.text
    assert 'property="og:title" content="For engines"' in shown.text
    assert "color-scheme:only dark" in shown.text
    policy = shown.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "frame-ancestors 'self'" in policy
    assert shown.headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in editor.client.get(f"/posts/{post}").headers["content-security-policy"]
    assert re.search(r"<iframe sandbox name", editor.go(f"/posts/{post}"))


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_typed_does_anything_in_preview_or_editor(editor: Browser, post: str, evil: str) -> None:
    typed = form(
        editor, post, text=f"{evil}\n\n{FIRST}", title=evil, excerpt=evil, meta_description=evil, keywords=evil
    )
    shown = editor.client.post(f"/posts/{post}/preview", data=typed | {"csrf_token": token(editor)}).text
    body = shown.partition("<body>")[2]
    assert not re.search(
        r"<(script|img|svg|iframe|style|form|base|meta|math|details open|input)\b", body, re.IGNORECASE
    )
    assert not re.search(r"<[^>]+\son\w+\s*=", body)
    assert not re.search(r'<[^>]+href="(javascript|data):', body, re.IGNORECASE)
    assert shown.count("<script") == 1  # of the machine-readable head, which a script cannot leave
    page = editor.send(f"/posts/{post}/measure", **typed)
    assert "<script>alert" not in page
    assert not re.search(r"<img|<svg/onload|<base|<math", page.partition("<main")[2])


def test_sources_are_added_and_found(editor: Browser, post: str, database: Database) -> None:
    with database.transaction() as session:
        other = newsroom.article(session, "The bridge was built in 1931, the museum says.", title="A bridge of 1931")
    page = editor.send(f"/posts/{post}/measure", **form(editor, post, add=other))
    assert page.count('name="source"') == 2
    assert "A bridge of 1931" in words(page)
    assert "2. " not in words(page).partition("Sources")[0]
    page = editor.send(f"/posts/{post}/measure", **form(editor, post, find="lang:"))
    assert "<aside" in page


def test_versions_are_compared_and_restored(editor: Browser, post: str, database: Database) -> None:
    editor.send(f"/posts/{post}/save", **form(editor, post, hand_in="no"))
    changed = form(editor, post, text=f"{FIRST} It is old.", hand_in="no", meta_title="For engines")
    editor.send(f"/posts/{post}/save", **changed)
    page = editor.go(f"/posts/{post}/versions")
    assert re.search(r"<ins>[^<]*It is old\.[^<]*</ins>", page)
    assert "Title for search engines — For engines" in words(page)
    assert "Worded by a person" in words(page)
    editor.go(f"/posts/{post}/versions?older=1&newer=9", 404)
    expected = re.search(r'name="expected" value="([^"]+)"', page)
    assert expected
    said = words(editor.send(f"/posts/{post}/restore/1", expected=expected[1]))
    assert "Version 1 is the newest again" in said
    with database.read() as session:
        third = drafts.revisions(session, post)[0]
        assert (third.number, "It is old" in third.markdown, third.meta_title) == (3, False, "")
    assert "Not restored" in words(editor.send(f"/posts/{post}/restore/1", expected=expected[1]))


def test_a_note_says_what_happened_or_what_is_asked_for(editor: Browser, post: str, database: Database) -> None:
    said = "Written without the language model: the budget is spent."
    for state, words_ in (("in_review", said), ("changes_requested", f"Asked for: {said}")):
        with database.transaction() as session:
            row = drafts.draft(session, post)
            row.state, row.note = state, said
        page = words(editor.go(f"/posts/{post}"))
        assert (words_ in page, "Asked for" in page) == (True, state == "changes_requested")


def test_again_with_a_note_and_withdrawn(editor: Browser, post: str, database: Database) -> None:
    editor.send(f"/posts/{post}/save", **form(editor, post, hand_in="yes"))
    editor.go(f"/posts/{post}")
    assert "written again" in words(editor.send(f"/posts/{post}/regenerate", note="Shorter."))
    with database.read() as session:
        assert drafts.draft(session, post).instructions["note"] == "Shorter."
    assert "Not asked for" in words(editor.send(f"/posts/{post}/regenerate", 409, note=""))
    assert "Withdrawn" in words(editor.send(f"/posts/{post}/withdraw", note="Wrong."))
    assert status(database, post) == "rejected"


def test_who_only_reads_sees_no_buttons(visit: Visit, post: str) -> None:
    page = visit("viewer").go(f"/posts/{post}")
    assert "/save" in page  # the form's address, without a button that sends it
    assert "<button" not in page.partition('id="editor"')[2].partition("</form>")[0].replace("hidden>in your text", "")
    assert "readonly" in page
