"""The board of comments: processes with their stages and why, comments beside their articles, decisions about one and
about many, and nothing approved that was not seen."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa

from stonehand.accounts.permissions import Person
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import CommentState, ProcessState
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.platforms import choices
from stonehand.platforms.interfaces import Choice, Listing
from tests.web import comment_world
from tests.web.comment_world import DISCLOSURE, SAID, World, told
from tests.web.pages.browsing import Browser, words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
ONE_OF_EACH: list[CommentState] = [state for state in CommentState if state != CommentState.DELETED]


@pytest.fixture
def world(database: Database, people: dict[str, Person]) -> World:
    return comment_world.make(database, people["admin"], ONE_OF_EACH)


def _of(world: World, state: CommentState) -> str:
    return world.comment_ids[ONE_OF_EACH.index(state)]


def _state(database: Database, comment_id: str) -> str:
    with database.read() as session:
        return session.get_one(Comment, comment_id).state


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_without_a_platform_the_way_there_is_shown(visit: Visit) -> None:
    page = visit("editor").go("/comments")
    assert "No platform yet" in page
    assert "/comments/new" not in page


def test_the_board_counts_by_stage(visit: Visit, world: World) -> None:
    page = words(visit("viewer").go("/comments"))
    assert "Klasse 5a Not started" in page
    assert re.search(r"1 of 10 comments sent", page)
    assert re.search(r"Read Reads each article Waiting 1 .*?At work 0 Failed 0", page)
    assert re.search(r"Decide Somebody approves To decide 1 .*? In doubt 1", page)
    assert re.search(r"Send Sends what is approved Waiting 2 .*?At work 0 Failed 1", page)


def test_a_process_is_made_changed_started_and_stopped(visit: Visit, database: Database, world: World) -> None:
    admin = visit("admin")
    form = admin.go("/comments/new")
    prompt = re.search(r'name="prompt_ids" value="([^"]+)"', form)
    assert prompt
    told = {"name": "Klasse 6b", "platform_id": world.platform_id, "login_ids": world.login_id, "tab": "alle"}
    assert "auto_reason" in admin.send("/comments/new", 422, **told, prompt_ids=prompt[1])
    assert "last day" in admin.send("/comments/new", 422, **told, auto_until="soon")
    assert "Most articles" in admin.send("/comments/new", 422, **told, most_articles="0", generate_only="yes")
    assert "There is nothing" not in admin.send(
        "/comments/new", 404, **{**told, "platform_id": "x"}, generate_only="yes"
    )
    made = admin.send("/comments/new", **told, generate_only="yes")
    assert "Klasse 6b is there" in made
    with database.read() as session:
        id_ = session.scalars(sa.select(CommentProcess.id).where(CommentProcess.name == "Klasse 6b")).one()
    here = f"/comments/processes/{id_}"
    assert "it has no prompt; choose one" in admin.send(f"{here}/start")
    assert 'value="alle"' in admin.go(f"{here}/edit")
    admin.send(f"{here}/edit", **told, prompt_ids=prompt[1], generate_only="yes", search="bach")
    assert "is at work" in admin.send(f"{here}/start")
    page = words(admin.go(here))
    assert "Running" in page
    assert "again and again at tab alle, title with bach" in page
    assert "stop it first" in admin.send(f"{here}/edit", 409, **told, generate_only="yes")
    assert "Nothing is lost" in admin.send(f"{here}/stop")
    assert "Change Klasse 6b (copy)" in admin.send(f"{here}/clone")
    with database.transaction() as session:
        session.execute(sa.update(CommentProcess).values(state=ProcessState.STOPPED))
    assert "Klasse 6b is gone" in admin.send(f"{here}/remove")
    admin.go(here, 404)


def test_what_waits_for_people_is_on_every_page_until_its_process_is_gone(
    visit: Visit, database: Database, world: World
) -> None:
    viewer = visit("viewer")
    assert re.search(r'href="/comments" [^>]*>Comments <span class="count calls">2<', viewer.go("/stories"))
    assert "Comments · just now Klasse 5a 1 comment to decide about Decide 1" in words(viewer.go("/"))
    with database.transaction() as session:
        found = session.get_one(CommentProcess, world.process_id)
        found.deleted_at = found.updated_at
    assert not re.search(r'href="/comments" [^>]*>Comments <span', viewer.go("/stories"))
    assert "Klasse 5a" not in viewer.go("/")
    assert "which is deleted" in viewer.go(f"/comments/{world.comment_ids[0]}")


def test_a_trouble_is_said_beside_the_state(visit: Visit, database: Database, world: World) -> None:
    with database.transaction() as session:
        told = {"state": ProcessState.RUNNING, "trouble": "the site did not answer", "trouble_streak": 1}
        session.execute(sa.update(CommentProcess).values(**told))
    assert "It could not look: the site did not answer." in words(visit("viewer").go("/comments"))


def test_a_comment_is_approved_as_it_was_seen(visit: Visit, database: Database, world: World) -> None:
    publisher, id_ = visit("publisher"), _of(world, CommentState.GENERATED)
    page = publisher.go(f"/comments/{id_}")
    assert "&lt;b&gt;Ich&lt;/b&gt; war dort." in page
    assert f"<p>{DISCLOSURE}</p><p>{SAID}</p>" in page
    assert "It is short." in page
    seen = _seen(page)
    with database.transaction() as session:
        session.get_one(Comment, id_).html = f"<p>{DISCLOSURE}</p><p>{SAID} Aber.</p>"
    assert "was changed while you looked" in publisher.send(f"/comments/{id_}/approve", seen=seen)
    assert _state(database, id_) == CommentState.GENERATED
    fresh = _seen(publisher.page)
    assert "Approved" in publisher.send(f"/comments/{id_}/approve", seen=fresh)
    assert _state(database, id_) == CommentState.APPROVED
    with database.read() as session:
        (args,) = session.scalars(sa.select(Job.args).where(Job.task == "comments.send"))
        assert args["comment_id"] == id_


def test_another_text_takes_an_approval_back_and_keeps_the_disclosure(
    visit: Visit, database: Database, world: World
) -> None:
    editor, id_ = visit("editor"), _of(world, CommentState.APPROVED)
    page = editor.go(f"/comments/{id_}")
    assert f">{SAID}</textarea>" in page
    assert "Approve exactly this" not in page
    seen, other = _seen(page), f"{SAID}\n\n<script>x</script><em>Wie</em> tief war er?"
    assert "nothing is left of the text" in editor.send(f"/comments/{id_}/edit", 422, seen=seen, text=" ").lower()
    editor.send(f"/comments/{id_}/edit", seen=seen, text=other)
    with database.read() as session:
        comment = session.get_one(Comment, id_)
    assert comment.html == f"<p>{DISCLOSURE}</p><p>{SAID}</p><p><em>Wie</em> tief war er?</p>"
    assert (comment.state, comment.approved_sha256) == (CommentState.GENERATED, "")
    assert "was changed while you looked" in editor.send(f"/comments/{id_}/edit", 409, seen=seen, text="Zweite Hand")


def test_what_was_sent_and_read_back_is_shown(visit: Visit, world: World) -> None:
    page = visit("viewer").go(f"/comments/{_of(world, CommentState.POSTED)}")
    assert "<code>1234</code>" in page
    assert "#c1234" in page
    assert f"Read back {DISCLOSURE}" in words(page)
    assert "Change it" not in page


def test_failed_and_doubtful_ones_are_taken_up_again(visit: Visit, database: Database, world: World) -> None:
    publisher = visit("publisher")
    failed, doubt = _of(world, CommentState.FAILED), _of(world, CommentState.NEEDS_RECONCILE)
    page = publisher.go(f"/comments/{failed}")
    assert "Failed while sending" in page
    assert "Send it again" in page
    assert "What was sent" not in page
    assert "It waits for an approval." in publisher.send(f"/comments/{failed}/retry")
    assert _state(database, failed) == CommentState.GENERATED  # nobody had approved it
    assert "Is it there?" in publisher.go(f"/comments/{doubt}")
    publisher.send(f"/comments/{doubt}/settle", arrived="yes", remote_id="77")
    assert "<code>77</code>" in publisher.page
    assert "Not done" in publisher.send(f"/comments/{doubt}/reject")
    publisher.send(f"/comments/{doubt}/settle", 422, arrived="perhaps")


def test_many_are_decided_as_the_page_showed_them(visit: Visit, database: Database, people: dict[str, Person]) -> None:
    world = comment_world.make(database, people["admin"], [CommentState.GENERATED] * 3)
    publisher, here = visit("publisher"), f"/comments/processes/{world.process_id}"
    page = publisher.go(f"{here}?show=decide")
    assert "Decide about all 3 of these" in page
    sent = _hidden(page)
    with database.transaction() as session:
        changed = session.get_one(Comment, world.comment_ids[0])
        changed.html, changed.updated_at = changed.html.replace("Bach", "Fluss"), changed.updated_at.replace(year=2099)
    said = publisher.send(f"{here}/bulk", decision="approve", **sent)
    assert "Approved: 2 comments. Changed since the page was opened, and left alone: 1 comment." in said
    assert _state(database, world.comment_ids[0]) == CommentState.GENERATED
    left = publisher.send(f"{here}/bulk", decision="retry", show="approved", at="2100-01-01T00:00:00Z")
    assert "Left alone: 2 comments, such as one because it is approved." in left
    rejected = publisher.send(f"{here}/bulk", decision="reject", show="approved", at="2100-01-01T00:00:00Z", note="no")
    assert "Rejected: 2 comments." in rejected
    publisher.send(f"{here}/bulk", 422, decision="approve", at="yesterday")


def test_a_text_is_replaced_in_all_of_them(visit: Visit, database: Database, people: dict[str, Person]) -> None:
    states = [CommentState.GENERATED] * 3 + [CommentState.APPROVED, CommentState.POSTED]
    world = comment_world.make(database, people["admin"], states)
    editor, here = visit("editor"), f"/comments/processes/{world.process_id}"
    assert "Replace a text in all 5 of these" in words(editor.go(here))
    wish = {"find": "Dein Bach", "by": "Dein Fluss"}
    page = editor.send(f"{here}/replace", **wish)
    assert "in 4 comments, refused for 1" in words(page)
    assert "1 approval would be taken back" in words(page)
    assert "<del>Dein Bach</del> <ins>Dein Fluss</ins>" in page
    assert "It is posted." in words(page)
    with database.transaction() as session:
        assert "Fluss" not in session.get_one(Comment, world.comment_ids[0]).html
        changed = session.get_one(Comment, world.comment_ids[0])
        changed.updated_at = changed.updated_at.replace(year=2099)
    form = page.partition("Replace it in 4")[0].rpartition("<form")[2]
    sent = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    assert sent["find"] == "Dein Bach"
    done = words(editor.send(f"{here}/replace", **sent))
    assert "Replaced in 3 comments, refused for 1; 1 comment changed since the preview, and left alone." in done
    again = words(editor.send(f"{here}/replace", **sent))
    assert "Replaced in 0 comments" in again, "sent twice, it is done once"
    assert _state(database, world.comment_ids[3]) == CommentState.GENERATED
    assert "say which text" in words(editor.send(f"{here}/replace", 422, find=" ", by="x")).lower()
    assert "None of them says so" in words(editor.send(f"{here}/replace", find="dein fluss", by="x"))
    assert "in 3 comments" in words(editor.send(f"{here}/replace", find="dein fluss", by="Euer See", any_case="yes"))
    short = words(editor.send(f"{here}/replace", find=SAID.replace("Bach", "Fluss"), by="Schön"))
    assert "at least 50 are needed" in short
    assert "Replace it in" not in short
    viewer = visit("viewer")
    assert "Replace a text" not in viewer.go(here)
    viewer.send(f"{here}/replace", 403, **wish)


def _hidden(page: str) -> dict[str, str]:
    form = page.partition("/bulk")[2].partition("</form>")[0]
    found = dict(re.findall(r'type="hidden" name="(show|search|login|at)" value="([^"]*)"', form))
    assert found["show"] == "decide"
    return found


def test_the_list_is_narrowed(visit: Visit, world: World) -> None:
    viewer: Browser = visit("viewer")
    here = f"/comments/processes/{world.process_id}"
    assert "Der Bach 6" in viewer.go(f"{here}?search=bach+6")
    assert "Der Bach 5" not in viewer.page
    assert viewer.go(f"{here}?show=discovered").count("comment-line") == 1
    assert "No comments here" in viewer.go(f"{here}?login=nobody")
    viewer.go(f"{here}?show=everything", 422)
    viewer.go(f"{here}?offset=1000")
    viewer.go("/comments/processes/none", 404)
    viewer.go("/comments/none", 404)


def test_a_viewer_sees_no_buttons(visit: Visit, world: World) -> None:
    viewer = visit("viewer")
    for path in ("/comments", f"/comments/processes/{world.process_id}", f"/comments/{world.comment_ids[2]}"):
        assert 'action="/comments' not in viewer.go(path).replace('<form method="get" action="/comments', "")


def test_an_author_and_a_site_opt_out(visit: Visit, database: Database, world: World) -> None:
    editor, here = visit("editor"), f"/platforms/{world.platform_id}/opt-outs"
    assert "Nobody has said so" in editor.go(here)
    assert "Say who" in editor.send(here, 422, author=" ", reason="by phone")
    assert "Nothing is written for Mia any more" in editor.send(here, author=" Mia ", reason="by phone")
    assert _state(database, _of(world, CommentState.GENERATED)) == CommentState.SKIPPED
    assert "The whole site" in words(editor.send(here, whole="yes"))
    assert "2 opt-outs" in words(editor.go("/platforms"))
    publisher = visit("publisher")
    removed = re.findall(r'action="(/platforms/[^"]+/remove)"', publisher.go(here))
    assert "may be written there again" in publisher.send(removed[0])
    publisher.send(removed[0], 404)


def test_the_list_asks_as_much_for_many_processes_as_for_few(visit: Visit, database: Database, world: World) -> None:
    editor, counts = visit("editor"), list[int]()
    editor.go("/comments")
    for _ in range(2):
        with told(database) as asked:
            page = editor.go("/comments")
        counts.append(len(asked))
        for _ in range(4):
            editor.send(f"/comments/processes/{world.process_id}/clone")
    assert page.count("Klasse 5a (copy") >= 4
    assert counts[0] == counts[1] <= 30


def test_comments_are_saved_as_a_file_under_the_filter_of_the_board(visit: Visit, world: World) -> None:
    viewer = visit("viewer")
    page = viewer.go(f"/comments/processes/{world.process_id}?show=sent&search=Bach")
    assert "1 comment as a file: CSV · JSON Lines" in words(page)
    links = re.findall(r'href="([^"]+/export[^"]+)"', page)
    sheet, lines = (viewer.go(html.unescape(each)) for each in links)
    assert sheet.count(",posted,") == lines.count('"posted"') == 1
    assert "generated" not in sheet + lines


def test_the_form_offers_what_the_site_does(visit: Visit, database: Database, world: World) -> None:
    editor = visit("editor")
    assert "Once a login was tested" in words(editor.go("/comments/new"))
    with database.transaction() as session:
        seen = Listing((), categories=(Choice("14", "Berichten"),))
        choices.keep(session, world.login_id, seen)
    page = editor.go("/comments/new")
    assert re.search(r'name="category"[^>]* list="offer-category"', page)
    assert '<option value="14">Berichten</option>' in page
    here = f"/comments/processes/{world.process_id}"
    prompts = re.findall(r'name="prompt_ids" value="([^"]+)"', editor.go(f"{here}/edit"))[:1]
    editor.send(f"{here}/edit", name="5a", category="14", prompt_ids=prompts, generate_only="yes")
    assert "category Berichten" in words(editor.page)


def test_a_sent_comment_can_be_hidden_by_a_publisher(visit: Visit, database: Database, world: World) -> None:
    here = f"/comments/{_of(world, CommentState.POSTED)}"
    with database.transaction() as session:
        session.get_one(Comment, _of(world, CommentState.POSTED)).remote_id = "12"
    assert "Hide it there" not in visit("editor").go(here)
    publisher = visit("publisher")
    assert "Hide it there" in publisher.go(here)
    assert "The site is asked to hide it." in words(publisher.send(f"{here}/hide"))
    with database.transaction() as session:
        assert session.scalars(sa.select(Job).where(Job.task == "comments.hide")).one()
        session.get_one(Comment, _of(world, CommentState.POSTED)).is_hidden = True
    page = publisher.go(here)
    assert "shown to the author of the article only" in page
    assert "Hide it there" not in page


def test_the_list_says_why_looks_come_less_often_and_shows_no_stages_of_what_never_began(
    visit: Visit, database: Database, world: World
) -> None:
    editor = visit("editor")
    for _ in range(2):
        editor.go("/comments")
        editor.send(f"/comments/processes/{world.process_id}/clone")
    page = editor.go("/comments")
    assert "Klasse 5a (copy 2) Not started" in words(page)
    assert words(page).count("Asks the model") == 1
    with database.transaction() as session:
        process = session.get_one(CommentProcess, world.process_id)
        process.state, process.empty_streak = ProcessState.RUNNING, 3
    assert "It found nothing new 3 times in a row, so it looks less and less often." in words(editor.go("/comments"))
