"""What every kind of platform keeps: reading, signing in, and a comment that is made once whatever befalls it."""

from __future__ import annotations

import pytest

from stonehand.errors import StonehandError, Unavailable
from stonehand.http_client import HostUnavailable
from stonehand.platforms.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Comment,
    CommentRefused,
    ConfigUnfit,
    Filters,
    LoginRefused,
    SessionOver,
    Words,
)

from .conftest import PASSWORD, WORDS, Bench, Kept

NOW = {"comments": {"settle_seconds": 0}}


def insist(bench: Bench, notes: Kept, words: Words = WORDS, tries: int = 6) -> Comment:
    """As a job does: try again what may pass, after a new sign-in where the session is over."""
    visit = None
    for _ in range(tries):
        try:
            visit = visit or bench.inside(**NOW)
            return bench.kind.comment(visit, words, notes)
        except SessionOver:
            visit = None
        except Unavailable:
            continue
    raise AssertionError("in vain")


def test_signing_in_says_who_we_are(bench: Bench) -> None:
    visit = bench.visit()
    assert bench.kind.who(visit) is None
    assert bench.kind.sign_in(visit, "hunter-two-words") == "Chat Bot"
    restored = bench.visit()
    restored.jar = list(visit.jar)
    assert bench.kind.who(restored) == "Chat Bot"
    assert bench.site.signins == 1


def test_a_wrong_password_is_refused_and_not_shown(bench: Bench) -> None:
    with pytest.raises(LoginRefused) as caught:
        bench.kind.sign_in(bench.visit(), "pssst-very-wrong")
    assert "pssst" not in str(caught.value)
    assert bench.site.signins == 0


def test_articles_are_listed_and_read(bench: Bench) -> None:
    visit = bench.inside()
    listing = bench.kind.articles(visit, Filters(search="bach"))
    assert [(each.id, each.title, each.author) for each in listing.cards] in ([("1", "Der Bach", "Mia")], [])
    everything = Filters(tab="alle") if bench.config["preset"] == "mymoment" else Filters()
    cards = {each.id: each for each in bench.kind.articles(visit, everything).cards}
    assert {"1", "2", "3"} <= set(cards)
    assert cards["1"].published_at
    assert cards["1"].published_at.year == 2026
    article = bench.kind.read(visit, "1", "Mia")
    assert (article.title, article.author) == ("Der Bach", "Mia")
    assert article.text == "Der Bach ist kalt.\nIch war dort."
    assert article.edited_at
    assert article.edited_at.isoformat() == "2026-04-01T07:07:00+00:00"


def test_markup_in_an_article_stays_text(bench: Bench) -> None:
    visit = bench.inside()
    assert bench.kind.read(visit, "2").text == "<script>alert(1)</script> {article_title}"
    article = bench.kind.read(visit, "3")
    assert article.text == "Vorher\nNachher"
    assert "script" not in article.html
    assert "onclick" not in article.html


def test_a_guest_is_told_apart_from_nothing_new(bench: Bench) -> None:
    visit = bench.inside()
    bench.site.end_sessions()
    for ask in (lambda: bench.kind.articles(visit, Filters()), lambda: bench.kind.read(visit, "1")):
        with pytest.raises(SessionOver):
            ask()


def test_a_comment_is_made_and_read_back(bench: Bench) -> None:
    visit, notes = bench.inside(), Kept()
    made = bench.kind.comment(visit, WORDS, notes)
    assert made.id == "100"
    assert "gefällt mir & uns" in made.text
    assert bench.kind.comment(visit, WORDS, Kept()) == made
    assert bench.kind.find(visit, WORDS) == made
    assert bench.kind.find(visit, Words("2", WORDS.html)) is None
    assert len(bench.site.comments) == 1


@pytest.mark.parametrize("what", ["late", "lost", "unheard", "error", "error after"])
@pytest.mark.parametrize("step", ["POST sign-in", "GET article", "POST comment", "GET home"])
def test_whatever_is_lost_it_is_there_once(bench: Bench, step: str, what: str) -> None:
    bench.site.befall(step, what)
    notes = Kept()
    if (step, what) == ("POST comment", "late"):
        visit = bench.inside()
        with pytest.raises(ArrivalUnknown):
            bench.kind.comment(visit, WORDS, notes)
        with pytest.raises(ArrivalUnknown) as caught:  # it may still come, so nothing is sent
            bench.kind.comment(visit, WORDS, notes)
        assert caught.value.retry_after
        assert bench.site.comments == []
        bench.site.catch_up()
        assert bench.kind.comment(visit, WORDS, notes).id == "100"
    else:
        insist(bench, notes)
    assert len(bench.site.comments) == 1
    assert bench.site.unhappened() == []


def test_a_session_that_ends_between_reading_and_sending(bench: Bench) -> None:
    class Ending(Kept):
        def remember(self, **facts: object) -> None:
            super().remember(**facts)
            if facts.get("sent_at"):
                bench.site.end_sessions()

    visit, notes = bench.inside(), Ending()
    with pytest.raises(SessionOver):
        bench.kind.comment(visit, WORDS, notes)
    assert bench.site.comments == []
    assert not notes.kept["sent_at"]  # nothing is in doubt
    assert bench.kind.comment(bench.inside(), WORDS, Kept()).id == "100"


def test_a_form_that_comes_back_is_no_success(bench: Bench) -> None:
    notes = Kept()
    with pytest.raises(CommentRefused):
        bench.kind.comment(bench.inside(), Words("1", "<p> </p>"), notes)
    assert bench.site.comments == []
    assert not notes.kept["sent_at"]


def test_a_flood_waits_as_long_as_the_site_asks(bench: Bench) -> None:
    visit, notes = bench.inside(), Kept()
    bench.site.befall("POST comment", "429 in 7")
    with pytest.raises(HostUnavailable) as caught:
        bench.kind.comment(visit, WORDS, notes)
    assert caught.value.retry_after == 7
    assert bench.kind.comment(visit, WORDS, notes).id == "100"  # it is known that nothing arrived


def test_a_duplicate_that_nobody_shows_is_for_a_person(bench: Bench) -> None:
    visit = bench.inside()
    bench.site.befall("POST comment", "409")
    with pytest.raises(ArrivalDisputed):
        bench.kind.comment(visit, WORDS, Kept())
    assert bench.site.comments == []


def test_a_page_of_something_else_is_no_answer(bench: Bench) -> None:
    visit = bench.inside()
    bench.site.befall("POST comment", "login page")
    with pytest.raises(ArrivalUnknown):
        bench.kind.comment(visit, WORDS, Kept())


def test_what_waits_for_a_moderator_says_so(bench: Bench) -> None:
    bench.site.moderates = True
    visit = bench.inside()
    assert bench.kind.comment(visit, WORDS, Kept()).is_pending
    assert bench.kind.comment(visit, WORDS, Kept()).is_pending
    assert len(bench.site.comments) == 1


def test_a_comment_is_changed_or_it_is_said_that_it_cannot(bench: Bench) -> None:
    visit = bench.inside()
    made = bench.kind.comment(visit, WORDS, Kept())
    other = Words("1", "<p>Etwas anderes.</p>", is_hidden=True)
    try:
        changed = bench.kind.change(visit, made, other)
    except StonehandError as error:
        assert bench.config["preset"] == "wordpress"
        assert "change no comment" in str(error)  # noqa: PT017
    else:
        assert (changed.id, changed.text) == (made.id, "Etwas anderes.")
        assert bench.site.comments[0].is_hidden  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"preset": "nowhere"}, "no preset"),
        ({}, "sign_in"),
        ({"preset": "mymoment", "index": {"pth": "/x"}}, "index.pth"),
        ({"preset": "mymoment", "article": {"path": "/article/"}}, "article.path"),
        ({"preset": "mymoment", "comments": {"item": "div:::"}}, "comments.item"),
        ({"preset": "mymoment", "dates": {"zone": "Moon/Base"}}, "dates.zone"),
        ({"preset": "mymoment", "sign_in": {"path": "//evil.example/"}}, "sign_in.path"),
    ],
)
def test_a_configuration_that_does_not_fit_says_where(platform: Bench, config: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigUnfit, match=words):
        platform.kind.validate(config)


@pytest.mark.parametrize("question", ["the form as it is sent", "the page that it leads to"])
def test_a_session_that_ends_while_we_sign_in_is_no_wrong_password(platform: Bench, question: str) -> None:
    site, asked = platform.site, list[str]()

    def ended(step: str) -> str:
        asked.append(step)
        if len(asked) == (2 if question == "the form as it is sent" else 3):
            site.end_sessions()
        return ""

    site.misfortune = ended  # type: ignore[method-assign]
    assert platform.kind.sign_in(platform.visit(), PASSWORD) == "Chat Bot"
    assert asked.count("POST sign-in") == 2
