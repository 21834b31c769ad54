"""What a robots.txt means for one address."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from stonehand.http_client import PRODUCT, Reply
from stonehand.http_client.errors import (
    AccessDenied,
    AddressForbidden,
    BodyTooLarge,
    HostUnavailable,
    PageMissing,
    RedirectLoop,
    StillSilent,
)
from stonehand.limits.errors import BreakerOpen, NotYet
from stonehand.sources.robots import answers, rules
from stonehand.sources.robots.answers import Answer
from stonehand.sources.robots.models import Kind
from stonehand.sources.robots.rules import Decision, Outcome, place_of

SITE = "https://velm.example"
PLACE = f"{SITE}/robots.txt"


def judge(body: str, path: str) -> Decision:
    return rules.judge("rules", body, "", SITE + path)


@pytest.mark.parametrize(
    ("body", "path", "outcome", "rule"),
    [
        ("User-agent: *\nDisallow: /private/", "/private/a", "disallowed", "Disallow: /private/"),
        ("User-agent: *\nDisallow: /private/", "/public/a", "allowed", ""),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", "allowed", "Allow: /news/"),
        ("User-agent: *\nAllow: /news/\nDisallow: /news/old/", "/news/old/1", "disallowed", "Disallow: /news/old/"),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", "allowed", "Allow: /a"),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", "disallowed", "Disallow: /*.pdf$"),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", "allowed", ""),
        ("User-agent: *\nDisallow: /a?b=", "/a?b=1", "disallowed", "Disallow: /a?b="),
        ("User-agent: stonehand\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/y", "allowed", ""),
        ("User-agent: STONEHAND\nDisallow: /x\n\nUser-agent: *\nAllow: /", "/x", "disallowed", "Disallow: /x"),
        ("User-agent: other\nUser-agent: stonehand\nDisallow: /", "/", "disallowed", "Disallow: /"),
        ("User-agent: other\nDisallow: /", "/", "allowed", ""),
        ("User-agent: *\nDisallow:", "/", "allowed", ""),
        ("", "/", "allowed", ""),
        ("Disallow: /", "/", "allowed", ""),
        ("User-agent: *\r\nDisallow: /private # not for robots\r\n", "/private", "disallowed", "Disallow: /private"),
        ("User-agent: *\nDisallow: /", "/robots.txt", "allowed", "Disallow: /"),
    ],
)
def test_decisions(body: str, path: str, outcome: str, rule: str) -> None:
    decision = judge(body, path)
    assert (decision.outcome, decision.place) == (outcome, f"{SITE}/robots.txt")
    if path != "/robots.txt":
        assert decision.rule == rule
    assert decision.may_fetch == (outcome == "allowed")


def test_sentences_name_the_line_and_whom_it_is_for() -> None:
    assert judge("User-agent: *\nDisallow: /a", "/a").sentence() == (
        "https://velm.example/robots.txt does not let us fetch it (“Disallow: /a” for everybody)"
    )
    assert "(“Allow: /a” for stonehand)" in judge("User-agent: Stonehand\nDisallow: /\nAllow: /a", "/a").sentence()
    assert "nothing in https://velm.example/robots.txt forbids it" in judge("", "/a").sentence()
    assert rules.REFUSAL in judge("User-agent: *\nDisallow: /a", "/a").sentence()


def test_the_decision_stands_though_the_parser_kept_its_rules_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Protego, "_get_matching_rule_set", raising=True)
    monkeypatch.setattr(Protego, "can_fetch", lambda *_: False)
    assert judge("User-agent: *\nDisallow: /b", "/b") == Decision(Outcome.DISALLOWED, f"{SITE}/robots.txt")


def test_a_decision_can_be_kept_and_overruled() -> None:
    decision = judge("User-agent: *\nDisallow: /a", "/a").overruled("Mira", "the owner agreed")
    assert decision.may_fetch
    assert decision.sentence().endswith("but Mira wants it nevertheless: the owner agreed")
    assert rules.of_dict(decision.as_dict()) == decision
    assert judge("", "/a").overruled("Mira", "x") == judge("", "/a")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Velm.Example/a?b#c", "https://velm.example/robots.txt"),
        ("http://velm.example:80/a", "http://velm.example/robots.txt"),
        ("http://velm.example:8080/a", "http://velm.example:8080/robots.txt"),
        ("https://velm.example./a", "https://velm.example/robots.txt"),
        ("http://[2606:4700::1]:81/a", "http://[2606:4700::1]:81/robots.txt"),
        ("https://user:word@velm.example/a", "https://velm.example/robots.txt"),
    ],
)
def test_each_scheme_host_and_port_has_its_own(url: str, place: str) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize("url", ["http://[::1", "http://x:99999999/", "http://x:port/"])
def test_no_address_is_no_crash(url: str) -> None:
    assert place_of(url).endswith("/robots.txt")


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5),
        ("User-agent: stonehand\nCrawl-delay: 2.5\n\nUser-agent: *\nCrawl-delay: 90", 2.5),
        ("User-agent: *\nCrawl-delay: 99999999", 3600),
        ("User-agent: *\nCrawl-delay: -3", 0),
        ("User-agent: *\nCrawl-delay: nan", 0),
        ("User-agent: *\nCrawl-delay: soon", 0),
        ("", 0),
    ],
)
def test_the_delay_that_a_site_asks_for(body: str, seconds: float) -> None:
    assert rules.crawl_delay("rules", body) == seconds
    assert rules.crawl_delay("absent", body) == 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PageMissing("x", 404), Kind.ABSENT),
        (PageMissing("x", 410), Kind.ABSENT),
        (AccessDenied("x", 403), Kind.ABSENT),
        (RedirectLoop("x"), Kind.ABSENT),
        (HostUnavailable("x", 30.0, 503), Kind.UNREACHABLE),
        (HostUnavailable("x", None, 429), Kind.UNREACHABLE),
        (HostUnavailable("x"), Kind.UNREACHABLE),
        (BodyTooLarge("x"), Kind.UNREACHABLE),
        (AddressForbidden("sent on to it", "10.0.0.1"), Kind.UNREACHABLE),
    ],
)
def test_what_an_error_means(error: Exception, kind: Kind) -> None:
    answer = answers.read(PLACE, error)  # type: ignore[arg-type]
    assert isinstance(answer, Answer)
    assert (answer.kind, answer.body) == (kind, "")
    assert answer.said


UNASKED = [
    NotYet("x"),
    StillSilent("x"),
    BreakerOpen("host:x", "x", "x", 1.0),
    AddressForbidden("x", urlsplit(SITE).hostname or ""),  # and so may no page of the site
]


@pytest.mark.parametrize("error", UNASKED)
def test_what_was_not_asked_to_the_end_says_nothing(error: Exception) -> None:
    assert answers.read(PLACE, error) is error  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b"\xef\xbb\xbfUser-agent: *", Kind.RULES, "User-agent: *"),
        (b"User-agent: caf\xe9\x00", Kind.RULES, "User-agent: caf�"),
        (b"<!DOCTYPE html><html>Disallow: /", Kind.ABSENT, ""),
        (b"\n <html><body>404", Kind.ABSENT, ""),
        (b"", Kind.RULES, ""),
    ],
)
def test_what_a_body_means(body: bytes, kind: Kind, text: str) -> None:
    answer = answers.read(PLACE, Reply(PLACE, 200, {}, body))
    assert isinstance(answer, Answer)
    assert (answer.kind, answer.body) == (kind, text)


def test_a_huge_file_is_read_in_part_and_in_time() -> None:
    body = "User-agent: *\nDisallow: /first\n" + "".join(f"Disallow: /*a*b*c*d*{n}*$\n" for n in range(40_000))
    began = time.monotonic()
    assert not judge(body, "/first").may_fetch
    assert judge(body, "/" + "abcd" * 500).outcome in tuple(Outcome)
    assert time.monotonic() - began < 10


@given(st.text("User-agent: *DisalowC\n\r/#$%é\x00", max_size=300), st.text("/a*$?=%é", max_size=40))
def test_nothing_crashes(body: str, path: str) -> None:
    decision = judge(body, "/" + path)
    assert decision.may_fetch == Protego.parse(body).can_fetch(SITE + "/" + path, PRODUCT)
