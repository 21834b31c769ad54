"""One sign-in for all work of a login, whatever happens; what is kept of it, and for how long."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from stonehand import config, db, formerly, jobs, pipeline, resealing, vault
from stonehand.accounts.permissions import Person, granted
from stonehand.alerts import rules
from stonehand.db import Database
from stonehand.errors import StonehandError
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.limits.models import HostSlot
from stonehand.platforms import queries, service, sessions, tidying, visiting
from stonehand.platforms.errors import LoginStopped, LoginTaken, PermissionUnknown, PlatformNameTaken, SignInUnderWay
from stonehand.platforms.interfaces import Comment, Filters, LoginRefused, PlatformKind, SessionOver, Visit
from stonehand.platforms.models import Login, LoginState, Session, SessionDay, SessionState
from stonehand.platforms.schemas import LoginIn, PlatformIn

from .conftest import PASSWORD, WORDS, Bench, Kept

ADMIN = Person("u1", "ada@example.org", "Ada", "admin", granted("admin"))


@pytest.fixture(autouse=True)
def _rooms() -> None:
    pipeline.install_worker()


def join(database: Database, bench: Bench, password: str = PASSWORD, interval: float = 0.0) -> str:
    """A platform and a login there."""
    wish = PlatformIn(
        name="Schreibwerkstatt",
        base_url=bench.site.url,
        permission="Frau von Arx, head of school, 3 March 2026",
        config=bench.config,
        interval=interval,
    )
    with database.transaction() as session:
        made = service.add(session, ADMIN, wish)
        return service.add_login(session, ADMIN, made.id, LoginIn(username=bench.username, password=password)).id


def who(kind: PlatformKind, visit: Visit) -> str | None:
    return kind.who(visit)


def login_of(database: Database, login_id: str) -> Login:
    with database.read() as session:
        return queries.login(session, login_id)


def test_twenty_threads_sign_in_once(either_database: Database, platform: Bench, near: None) -> None:
    login_id = join(either_database, platform)
    platform.site.slow = 0.2  # type: ignore[union-attr]
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: visiting.at(either_database, login_id, who), range(20)))
    assert found == ["Chat Bot"] * 20
    assert platform.site.signins == 1


def test_twenty_threads_whose_session_ends_sign_in_once_more(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    visiting.at(database, login_id, who)
    platform.site.end_sessions()

    def work(kind: PlatformKind, visit: Visit) -> int:
        return len(kind.articles(visit, Filters(tab="alle")).cards)

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda _: visiting.at(database, login_id, work), range(20))) == [4] * 20
    assert platform.site.signins == 2
    with database.read() as session:
        states = session.scalars(sa.select(Session.state).order_by(Session.id)).all()
        assert states == [SessionState.OVER, SessionState.ACTIVE]


def test_a_comment_goes_on_after_its_session_ended(database: Database, platform: Bench) -> None:
    login_id, notes = join(database, platform), Kept()
    ended: list[int] = []

    def work(kind: PlatformKind, visit: Visit) -> Comment:
        if not ended:
            ended.append(1)
            platform.site.end_sessions()
        return kind.comment(visit, WORDS, notes)

    assert visiting.at(database, login_id, work).id == "100"
    assert len(platform.site.comments) == 1


def test_a_session_that_never_holds_ends_after_two_tries(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)

    def work(kind: PlatformKind, visit: Visit) -> None:
        raise SessionOver("a guest")

    with pytest.raises(SessionOver):
        visiting.at(database, login_id, work)
    assert platform.site.signins == 2


def test_a_wrong_password_is_tried_once_and_told_once(database: Database, platform: Bench) -> None:
    login_id = join(database, platform, "pssst-very-wrong")

    def refused(_: int) -> bool:
        try:
            visiting.at(database, login_id, who)
        except LoginRefused:
            return True
        return False

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(refused, range(20)))
    assert platform.site.asked["POST sign-in"] == 1
    login = login_of(database, login_id)
    assert (login.state, bool(login.refused_at)) == (LoginState.REFUSED, True)
    with database.read() as session:
        found = [each for each in rules.look(session) if each.rule == "login_refused"]
    assert [each.subject for each in found] == [login_id]
    assert "Benutzername oder Passwort falsch" in found[0].sentence
    with database.transaction() as session:
        service.set_password(session, ADMIN, login_id, PASSWORD)
    assert visiting.at(database, login_id, who) == "Chat Bot"
    with database.read() as session:
        assert not [each for each in rules.look(session) if each.rule == "login_refused"]


def test_a_site_that_fails_at_a_sign_in_is_left_alone_for_a_while(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    platform.site.befall("POST sign-in", "429 in 60")
    for error in (StonehandError, SignInUnderWay, SignInUnderWay):
        with pytest.raises(error):
            sessions.ticket(database, login_id, patience=0)
    assert platform.site.asked["POST sign-in"] == 1
    until = login_of(database, login_id).leased_until
    assert until
    assert until > db.utc_now() + timedelta(seconds=40)


def test_a_worker_that_dies_while_signing_in_holds_nobody_for_ever(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    with database.transaction() as session:
        assert sessions._leased(session, login_id, "dead")
        assert not sessions._leased(session, login_id, "other")
        session.execute(sa.update(Login).values(leased_until=db.now(session) - timedelta(seconds=1)))
    assert visiting.at(database, login_id, who) == "Chat Bot"
    assert login_of(database, login_id).holder == ""


def test_who_lost_the_lease_keeps_nothing(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    with database.transaction() as session:
        sessions._leased(session, login_id, "first")
        wanted = sessions._found(session, login_id)
        session.execute(sa.update(Login).values(holder="second"))
    with pytest.raises(SignInUnderWay):
        sessions._signed_in(database, wanted, "first")
    with database.read() as session:
        assert session.scalars(sa.select(Session)).all() == []
        assert queries.login(session, login_id).holder == "second"


def test_a_login_that_is_off_does_nothing(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    visiting.at(database, login_id, who)
    with database.transaction() as session:
        service.enable(session, ADMIN, login_id, False)
    with pytest.raises(LoginStopped):
        visiting.at(database, login_id, who)
    with database.transaction() as session:
        service.enable(session, ADMIN, login_id, True)
    assert visiting.at(database, login_id, who) == "Chat Bot"


def test_a_job_tries_a_login_out_and_tells_no_secret(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    with database.transaction() as session:
        job_id = service.try_out(session, ADMIN, login_id)
    run_all(database, rounds=1, queues=("publishing",))
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.result) == ("completed", {"login_id": login_id, "shown_as": "Chat Bot"})
        tables = [table for table in db.Base.metadata.sorted_tables if table.name != "alembic_version"]
        everything = json.dumps([[str(row) for row in session.execute(sa.select(table))] for table in tables])
    assert PASSWORD not in everything
    for key, visitor in platform.site.visitors.items():  # type: ignore[union-attr]
        assert not visitor.who or key not in everything


def test_secrets_open_for_their_login_and_host_alone(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    visiting.at(database, login_id, who)
    with database.transaction() as session:
        queries.platform(session, login_of(database, login_id).platform_id).base_url = "http://127.0.0.1:9"
    with pytest.raises(vault.SecretUnreadable):
        visiting.at(database, login_id, who)


def test_rotation_covers_passwords_and_cookies(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    visiting.at(database, login_id, who)
    old, new = vault.fingerprints()[0], vault.new_key()
    vault.put_in_front(new)
    assert resealing.reseal(database) == 2
    vault.forget(old)
    assert resealing.survey(database).unreadable == []
    platform.site.end_sessions()
    assert visiting.at(database, login_id, lambda kind, visit: kind.read(visit, "1").title) == "Der Bach"


def test_a_worker_without_the_key_keeps_nobody_else_from_signing_in(
    database: Database, platform: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    login_id = join(database, platform)
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", vault.new_key())
    config.settings.cache_clear()
    with pytest.raises(vault.KeyMissing):
        visiting.at(database, login_id, who)
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", "")
    config.settings.cache_clear()
    assert visiting.at(database, login_id, who, patience=0.0) == "Chat Bot"


def test_sessions_end_and_become_a_number(database: Database, platform: Bench) -> None:
    login_id = join(database, platform)
    visiting.at(database, login_id, who)
    for name in ("cleanup_expired_sessions", "cleanup_old_session_records"):
        former = formerly.find(f"session_manager.{name}")
        assert former
        assert former.task.startswith("platforms.")
    with database.transaction() as session:
        assert (tidying.expire(session), tidying.archive(session)) == (0, 0)
        session.execute(sa.update(Session).values(expires_at=db.now(session) - timedelta(seconds=1)))
        jobs.enqueue(session, "platforms.forget_expired", {})
    run_all(database, rounds=1, queues=("maintenance",))
    with database.transaction() as session:
        ended = session.scalars(sa.select(Session)).one()
        assert (ended.state, ended.jar, ended.why) == (SessionState.OVER, "", "its time was over")
        session.execute(sa.update(Session).values(ended_at=db.now(session) - timedelta(days=31)))
        jobs.enqueue(session, "platforms.archive_sessions", {})
    run_all(database, rounds=1, queues=("maintenance",))
    with database.read() as session:
        assert session.scalars(sa.select(Session)).all() == []
        assert [each.sessions for each in session.scalars(sa.select(SessionDay))] == [1]
    assert visiting.at(database, login_id, who) == "Chat Bot"


def test_the_pace_of_a_site_is_one_for_all(
    database: Database, platform: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    login_id, slept = join(database, platform, interval=5.0), list[float]()
    began = db.utc_now()
    monkeypatch.setattr("stonehand.platforms.errands.time", SimpleNamespace(sleep=slept.append))  # ours only
    visiting.at(database, login_id, who)  # a form, a sign-in, the page it leads to, who we are, and once more
    assert len(slept) == 5
    with database.read() as session:
        slot = session.scalars(sa.select(HostSlot)).one()
        assert slot.next_at >= began.timestamp() + 5 * 5.0  # so whoever asks next waits for all five


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://u:p@a.example", "https://a.example/x", "a.example", "https://a.example:99999"]
)
def test_what_is_no_site_is_refused(database: Database, platform: Bench, url: str) -> None:
    with database.transaction() as session, pytest.raises(StonehandError, match="not the address"):
        service.add(session, ADMIN, PlatformIn(name="A", base_url=url, permission="x", config=platform.config))


def test_nobody_comments_without_permission_or_twice_under_a_name(database: Database, platform: Bench) -> None:
    join(database, platform)
    wish = PlatformIn(name="Schreibwerkstatt", base_url=platform.site.url, permission=" ", config=platform.config)
    with database.transaction() as session:
        with pytest.raises(PermissionUnknown):
            service.add(session, ADMIN, wish)
        with pytest.raises(PlatformNameTaken):
            service.add(session, ADMIN, wish.model_copy(update={"permission": "Frau von Arx"}))
        (known,) = queries.platforms(session)
        with pytest.raises(LoginTaken):
            service.add_login(session, ADMIN, known.id, LoginIn(username=platform.username, password="x"))
        service.remove(session, ADMIN, known.id)


def test_a_site_of_a_preset_is_written_to_in_its_language_unless_another_is_wished(database: Database) -> None:
    with database.transaction() as session:
        for preset, wished, language in (("mymoment", "", "de"), ("mymoment", "en", "en"), ("wordpress", "", "")):
            site = PlatformIn(
                name=f"A {preset} {wished}", base_url="https://a.example", permission="x", config={"preset": preset}
            )
            assert service.add(session, ADMIN, site.model_copy(update={"language": wished})).language == language
