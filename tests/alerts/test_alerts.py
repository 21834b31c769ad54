"""From trouble to a message that somebody reads, once, and another when it is over."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import ssl
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from stonehand import config, jobs, vault
from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person, granted
from stonehand.alerts import messages, queries, rules, service, telling, ways
from stonehand.alerts.errors import MuteUnfit, NoWay
from stonehand.alerts.models import Alert
from stonehand.articles.models import Article
from stonehand.backups import service as backups
from stonehand.backups.models import Backup
from stonehand.channels.models import Channel
from stonehand.db import Database, Session, now
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.http_client import AddressForbidden, HostUnavailable, Request, fetch, mail
from stonehand.http_client.mail import MailRefused, Relay
from stonehand.jobs.desk import loads
from stonehand.jobs.models import Job, Schedule
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import presence
from stonehand.llm import budgets, configured, ledger, refusals, spans
from stonehand.llm.errors import KeyRefused
from stonehand.platforms.models import Login, Platform
from stonehand.publications.models import CitedPage, Publication
from stonehand.reviews.models import ApprovalPolicy
from stonehand.sources import service as sources
from stonehand.sources.errors import SelectorsBroken
from stonehand.sources.models import Source
from stonehand.stories.models import Story
from stonehand.trends.models import Trend
from stonehand.trends.states import TrendState
from tests.alerts.conftest import Listener, PostOffice
from tests.certificates import self_signed
from tests.servers import free_port

ADMIN = Person("1", "ada@example.org", "Ada", "admin", granted("admin"))
READER = Person("2", "eve@example.org", "Eve", "viewer", granted("viewer"))
QUEUES = ("maintenance",)  # those of alerts; the trouble is made in others


@jobs.task("alerttest.nothing", queue="default")
def nothing(attempt: jobs.Attempt) -> None:
    """Do nothing."""


def set_to(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"STONEHAND_{name.upper()}", str(value))
    config.settings.cache_clear()


def jobs_in(database: Database, state: State, count: int, seconds: float = 0) -> None:
    """So many jobs in a state, ready since so many seconds."""
    with database.transaction() as session:
        ids = [jobs.enqueue(session, "alerttest.nothing", {}) for _ in range(count)]
        run_at = now(session) - timedelta(seconds=seconds)
        session.execute(sa.update(Job).where(Job.id.in_(ids)).values(state=state, run_at=run_at))


def watch(database: Database) -> list[str]:
    """Look now, send what is to be sent, and say what is wrong."""
    with database.transaction() as session:
        jobs.enqueue(session, "alerts.watch", {})
    run_all(database, queues=QUEUES)
    with database.read() as session:
        return [alert.key for alert in queries.going_on(session)]


def calm(database: Database) -> None:
    """Let the time pass after which trouble is over."""
    with database.transaction() as session:
        session.execute(sa.update(Alert).values(seen_at=now(session) - service.CALM))


def a_worker(database: Database) -> None:
    with database.transaction() as session:
        presence.introduce(session, str(presence.this_process()), ["default", "maintenance"], [], 1)


def found(database: Database) -> list[str]:
    with database.read() as session:
        return [finding.key for finding in rules.look(session)]


def test_trouble_is_told_once_and_its_end_once(
    either_database: Database, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, public_url="https://news.example.org", alert_dead_letters=2)
    jobs_in(either_database, State.DISCARDED, 2)
    for _ in range(3):
        assert watch(either_database) == ["dead_letters"]
    assert [letter["Subject"] for letter in post_office.letters] == ["Stonehand: Dead letters"]
    (letter,) = post_office.letters
    text = letter.get_payload()
    assert letter["To"] == "ada@example.org, night@example.org"
    assert "2 dead letters wait for somebody to look" in text
    assert "https://news.example.org/ops/alerts" in text

    with either_database.transaction() as session:
        session.execute(sa.delete(Job).where(Job.state == State.DISCARDED))
    assert watch(either_database) == ["dead_letters"], "it may come again at once, so nothing is said yet"
    calm(either_database)
    assert watch(either_database) == []
    assert watch(either_database) == []
    assert [letter["Subject"] for letter in post_office.letters][1:] == ["Stonehand: over: Dead letters"]
    assert "It is over since" in post_office.letters[1].get_payload()

    jobs_in(either_database, State.DISCARDED, 2)
    assert watch(either_database) == ["dead_letters"]
    assert len(post_office.letters) == 3, "it is told again when it comes again"


def test_a_webhook_is_signed(database: Database, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, alert_webhook_url=listener.url, alert_webhook_secret="seven grey herons")
    jobs_in(database, State.NEEDS_RECONCILE, 1)
    watch(database)
    ((headers, body),) = listener.heard
    told = json.loads(body)
    assert (told["event"], told["rule"]) == ("alert.began", "needs_reconcile")
    moment, proof = (part.partition("=")[2] for part in headers["X-Stonehand-Signature"].split(","))
    assert hmac.new(b"seven grey herons", f"{moment}.".encode() + body, hashlib.sha256).hexdigest() == proof


def test_a_push_says_it_in_its_title(database: Database, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, alert_ntfy_url=listener.url, alert_ntfy_token="tk_something")
    jobs_in(database, State.NEEDS_RECONCILE, 1)
    watch(database)
    ((headers, body),) = listener.heard
    assert headers["Title"] == "Stonehand: A person must look"
    assert headers["Authorization"] == "Bearer tk_something"
    assert headers["Priority"] == "high"
    assert b"only a person can tell" in body


def test_what_cannot_be_told_now_is_told_later(
    database: Database, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, alert_webhook_url=listener.url)
    listener.status = 503
    jobs_in(database, State.NEEDS_RECONCILE, 1)
    watch(database)
    listener.status = 200
    with database.transaction() as session:
        waiting = sa.update(Job).where(Job.task == "alerts.tell")
        session.execute(waiting.values(state=State.AVAILABLE, run_at=now(session)))
    run_all(database, queues=QUEUES)
    assert [json.loads(body)["event"] for _, body in listener.heard] == ["alert.began"] * 2


def test_a_muted_rule_is_seen_but_not_told(
    database: Database, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, alert_webhook_url=listener.url)
    jobs_in(database, State.NEEDS_RECONCILE, 1)
    with database.transaction() as session:
        service.mute(session, ADMIN, "needs_reconcile", timedelta(hours=1))
    assert watch(database) == ["needs_reconcile"]
    assert listener.heard == []
    with database.transaction() as session:
        service.unmute(session, ADMIN, "needs_reconcile")
    watch(database)
    assert len(listener.heard) == 1, "what is still wrong when the silence ends is told"
    with database.read() as session:
        assert [record.verb for record in accounts.audit(session, 10)] == ["unmuted", "muted"]


def test_only_what_exists_can_be_muted_and_only_by_an_administrator(database: Database) -> None:
    with database.transaction() as session:
        with pytest.raises(MuteUnfit, match="choose one of"):
            service.mute(session, ADMIN, "everything", timedelta(hours=1))
        with pytest.raises(MuteUnfit, match="30 days"):
            service.mute(session, ADMIN, "disk", timedelta(days=400))
        with pytest.raises(PermissionMissing):
            service.mute(session, READER, "disk", timedelta(hours=1))
        with pytest.raises(PermissionMissing):
            service.test(session, READER)


def _deep(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, alert_queue_depth=3)
    jobs_in(database, State.AVAILABLE, 3)


def _old(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, alert_no_worker_seconds=0)
    jobs_in(database, State.AVAILABLE, 1, seconds=901)


def _unserved(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs_in(database, State.AVAILABLE, 1, seconds=121)


def _dead(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs_in(database, State.DISCARDED, 10)


def _late(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        row = {"name": "x.y", "task": "x.y", "queue": "default", "every_seconds": 60, "is_enabled": True}
        session.add(Schedule(**row, next_at=now(session) - timedelta(seconds=601)))


def _stopped(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"kind": "folder", "config": {}, "secrets": {}, "requires_review": True, "is_sample": False}
    with database.transaction() as session:
        for name, trouble in (("Post", "the login is refused"), ("By hand", None)):
            slug = name.lower().replace(" ", "-")
            session.add(
                Channel(name=name, slug=slug, trouble=trouble, is_enabled=False, created_at=now(session), **facts)
            )


def _full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=499 * 2**20))


def _no_backup(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, backup_dir="/somewhere")
    with database.transaction() as session:
        backups.record_failure(session, "the disk is full")


def _old_backup(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, backup_dir="/somewhere")
    with database.transaction() as session:
        session.add(Backup(made_at=now(session) - timedelta(hours=27), state="done", path="x", size=1, error=None))


def _viral(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        moment = now(session)
        times = dict.fromkeys(("first_at", "last_at", "created_at", "updated_at"), moment)
        facts = {"article_count": 9, "outlet_count": 6, "rank": 1.0, "centroid": b"", "vector_model": "", "profile": {}}
        title, state = "Harbour bridge closes", "developing"
        session.add(Story(id="s1", title=title, state=state, revision=1, merged_into=None, **facts, **times))
        session.flush()
        values = dict.fromkeys(("score", "velocity", "surprise", "slope", "peak_velocity"), 9.0)
        times = dict.fromkeys(("peak_at", "alarmed_at", "state_since", "created_at", "updated_at"), moment)
        plain = {"why": "six outlets tell it at once.", "parts": {}, "history": [], "turns": []}
        session.add(Trend(story_id="s1", state=TrendState.VIRAL, **values, **times, **plain))


def _refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, llm_base_url="http://127.0.0.1:9/v1", llm_model="m")
    with database.read() as session:
        model = configured.get(session, "environment")
    refusals.note(model, KeyRefused("no such key"))


def _shut_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        moment = now(session)
        site = {"kind": "form-site", "name": "Werkstatt", "base_url": "https://w.example", "config": {}}
        session.add(Platform(id="p1", **site, permission="x", interval=1.0, created_at=moment))
        session.flush()
        state = {"state": "refused", "refused_at": moment, "trouble": "wrong password"}
        session.add(Login(id="l1", platform_id="p1", username="bot", password="", **state, created_at=moment))


def _spent(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        budgets.put(session, ADMIN, "agent", "", "month", 0.1, None)
        span = spans.now_of(now(session), "agent", "a1", "month")
        for _ in range(2):  # one alert, however many were turned away
            ledger.turn_away(session, span)


def _source(database: Database, trouble: str) -> None:
    with database.transaction() as session:
        moment, url = now(session), "https://post.example/one"
        times = dict.fromkeys(("fetched_at", "created_at", "updated_at"), moment)
        session.add(Article(id="a1", url=url, canonical_url=url, state="extracted", title="Bridge", **times))
        session.flush()
        session.add(CitedPage(article_id="a1", seen_version=1, trouble=trouble, first_at=moment, settled_as=""))
        _resting(session, "a1")


def _resting(session: Session, article_id: str) -> None:
    """A piece that can be seen and cites the article."""
    moment, empty = now(session), dict.fromkeys(("slug", "excerpt", "markdown", "label", "content_sha256"), "")
    by = {"created_by": "desk", "created_at": moment, "title": "Bridge"}
    session.add(Draft(id="d1", story_id="s1", state="published", updated_at=moment, **by))
    session.flush()
    session.add(
        Revision(
            id="v1", draft_id="d1", number=1, language="en", writer="offline", sources=[], warnings=[], **empty, **by
        )
    )
    session.flush()
    said = {"position": 0, "sentence_start": 0, "sentence_end": 1, "quote": "", "kind": "supported"}
    session.add(Citation(revision_id="v1", article_id=article_id, **said))
    names = dict.fromkeys(("review_id", "channel_id", "channel_name", "key", "content_sha256", "title"), "r")
    when = {"due_at": moment, "created_at": moment}
    session.add(Publication(draft_id="d1", revision_id="v1", state="published", **names, **when))


def _over(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"kind": "folder", "config": {}, "secrets": {}, "requires_review": True, "is_sample": False}
    terms = {"reason": "Weather", "daily_cap": 5, "support": "verbatim", "source_ids": [], "agent_ids": []}
    by = {"created_by": "ada", "updated_by": "ada", "max_words": 600}
    with database.transaction() as session:
        moment = now(session)
        for name, is_on, days in (("Post", True, -1), ("Off", False, -1), ("Later", True, 1)):
            channel = Channel(name=name, slug=name.lower(), is_enabled=True, created_at=moment, **facts)
            session.add(channel)
            session.flush()
            last = {"expires_at": moment + timedelta(days=days), "created_at": moment, "updated_at": moment}
            session.add(ApprovalPolicy(channel_id=channel.id, is_on=is_on, **terms, **by, **last))


def _keyless(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs_in(database, State.SCHEDULED, 1)
    with database.transaction() as session:
        session.execute(sa.update(Job).values(gate=vault.GATE))


def _changed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _source(database, "changed")


def _gone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _source(database, "gone")


def _broken(database: Database, monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    with database.transaction() as session:
        for id_ in ids or ("g1",):
            times = {"interval_seconds": 60, "created_at": now(session)}
            session.add(Source(id=id_, kind="watch", url=f"http://{id_}/", address=id_, title=id_, **times))
            session.flush()
            sources.record_failure(session, id_, SelectorsBroken("nothing matches ‘li.news’ (any more)"))


TROUBLES: dict[str, tuple[Callable[[Database, pytest.MonkeyPatch], None], str]] = {
    "queue_depth:default": (_deep, "alert_queue_depth"),
    "oldest_ready:default": (_old, "alert_oldest_seconds"),
    "no_worker:default": (_unserved, "alert_no_worker_seconds"),
    "dead_letters": (_dead, "alert_dead_letters"),
    "channel_stopped:Post": (_stopped, "alert_channel_stopped"),
    "schedule_late:x.y": (_late, "alert_schedule_late_seconds"),
    "disk": (_full, "alert_disk_free_mb"),
    "backup_failed": (_no_backup, "alert_backup_hours"),
    "backup_old": (_old_backup, "alert_backup_hours"),
    "viral_trend:s1": (_viral, "alert_viral_trends"),
    "key_missing": (_keyless, "alert_key_missing"),
    "policy_expired:Post": (_over, "alert_policy_expired"),
    "model_refused:environment": (_refused, "alert_model_refused"),
    "login_refused:l1": (_shut_out, "alert_login_refused"),
    "budget_spent:agent:a1:month": (_spent, "alert_budget_spent"),
    "source_broken:g1": (_broken, "alert_sources"),
    "source_changed:a1": (_changed, "alert_cited_sources"),
    "source_gone:a1": (_gone, "alert_cited_sources"),
}


@pytest.mark.parametrize("key", TROUBLES)
def test_a_rule_finds_its_trouble_and_can_be_switched_off(
    database: Database, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble, threshold = TROUBLES[key]
    assert found(database) == []
    trouble(database, monkeypatch)
    assert found(database) == [key]
    set_to(monkeypatch, **{threshold: 0})
    assert key not in found(database)


def test_many_broken_sources_are_told_together_and_first_ones_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, alert_sources=2)
    _broken(database, monkeypatch, "g7", "g6")
    assert found(database) == ["source_broken:g7", "source_broken:g6"]
    _broken(database, monkeypatch, "g1", "g2")
    assert found(database) == ["source_broken:g7", "source_broken:g6", "source_broken"]
    with database.read() as session:
        words = [each.sentence for each in rules.look(session)]
    assert words[0].startswith("g7 cannot be read: nothing matches ‘li.news’ (any more); see /sources/g7")
    assert words[2] == "2 more cannot be read; see the page Sources"


def test_each_story_that_turns_viral_is_told_once_and_again_when_it_fades(
    database: Database, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, alert_webhook_url=listener.url)
    _viral(database, monkeypatch)
    assert watch(database) == ["viral_trend:s1"]
    watch(database)
    with database.transaction() as session:
        session.get_one(Trend, "s1").state = TrendState.SUSTAINED
        session.scalars(sa.select(Alert)).one().seen_at -= 2 * service.CALM
    assert watch(database) == []
    told = [json.loads(body) for _, body in listener.heard]
    assert [each["event"] for each in told] == ["alert.began", "alert.over"]
    assert "Harbour bridge closes" in told[0]["sentence"]
    with database.read() as session:
        alert = session.scalars(sa.select(Alert)).one()
        assert telling.message(session, alert.id, "began").title == "Stonehand: A story has turned viral"


def test_every_rule_has_a_title_and_is_tested() -> None:
    assert set(rules.NAMES) == {key.partition(":")[0] for key in TROUBLES} | {"needs_reconcile"}
    assert set(rules.NAMES) < set(rules.TITLES)


def test_a_queue_that_is_served_and_moves_is_no_trouble(database: Database) -> None:
    a_worker(database)
    jobs_in(database, State.AVAILABLE, 1, seconds=300)
    assert found(database) == []
    with database.read() as session:
        assert {load.name: load.workers for load in loads.loads(session)}["default"] == 1


# ── ways ──


def test_a_test_message_goes_every_way(
    database: Database, post_office: PostOffice, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, alert_webhook_url=listener.url, alert_ntfy_url=listener.url)
    with database.transaction() as session:
        assert service.test(session, ADMIN) == ["email", "webhook", "ntfy"]
    run_all(database, queues=QUEUES)
    assert len(post_office.letters) == 1
    assert len(listener.heard) == 2


def test_without_a_way_nobody_would_be_told(database: Database) -> None:
    with database.transaction() as session, pytest.raises(NoWay, match="SMTP_HOST"):
        service.test(session, ADMIN)


def relay(office: PostOffice, user: str = "") -> Relay:
    return Relay("127.0.0.1", office.port, "none", user, "a password")


def letter() -> EmailMessage:
    return messages.letter(telling.trial(), "desk@example.org", "ada@example.org", telling.trial().began_at)


def test_the_post_office_may_ask_who_sends(post_office: PostOffice) -> None:
    mail.send(letter(), relay(post_office, "desk"))
    assert len(post_office.logins) == 1
    post_office.refusal = b"535"
    with pytest.raises(MailRefused, match="does not let desk in") as refused:
        mail.send(letter(), relay(post_office, "desk"))
    assert "a password" not in str(refused.value)


@pytest.mark.parametrize(("answer", "error"), [(b"450 later", HostUnavailable), (b"550 never", MailRefused)])
def test_a_refusal_for_now_and_one_for_good(post_office: PostOffice, answer: bytes, error: type[Exception]) -> None:
    post_office.refusal = answer
    with pytest.raises(error, match=f"code {answer[:3].decode()}"):
        mail.send(letter(), relay(post_office))


def test_a_post_office_without_encryption_gets_no_letter(post_office: PostOffice) -> None:
    asked = Relay("127.0.0.1", post_office.port, "starttls", "desk", "a password")
    with pytest.raises(MailRefused, match="does not offer"):
        mail.send(letter(), asked)
    assert (post_office.logins, post_office.letters) == ([], [])


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_letter_is_sealed_on_its_way(post_office: PostOffice, tmp_path: Path, security: str) -> None:
    certificate = self_signed(tmp_path, "localhost")
    post_office.seal = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    post_office.seal.load_cert_chain(certificate)
    post_office.sealed_first = security == "tls"
    trusted = ssl.create_default_context(cafile=str(certificate))
    mail.send(letter(), Relay("localhost", post_office.port, security, "desk", "a password", trusted))
    assert (len(post_office.letters), len(post_office.logins)) == (1, 1)
    with pytest.raises(HostUnavailable, match=r"certificate verify failed"):
        mail.send(letter(), Relay("localhost", post_office.port, security, "desk", "a password"))
    with pytest.raises(HostUnavailable, match=r"127\.0\.0\.1"):  # another name than the one it can prove
        mail.send(letter(), Relay("127.0.0.1", post_office.port, security, "desk", "a password", trusted))
    assert (len(post_office.letters), len(post_office.logins)) == (1, 1)


def test_a_post_office_that_is_not_there() -> None:
    with pytest.raises(HostUnavailable, match="did not answer"):
        mail.send(letter(), Relay("127.0.0.1", free_port(), "none"))
    with pytest.raises(AddressForbidden):
        mail.send(letter(), Relay("169.254.169.254", 25, "none"))


def test_what_the_operator_named_is_closed_to_links(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, alert_webhook_url=listener.url)
    ways.send(telling.trial(), "webhook")
    with pytest.raises(AddressForbidden):
        fetch(Request(listener.url))
