"""The doctor names what is wrong. Each operator's question is a situation that is made here."""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import stonehand
from stonehand import config, db, hookspecs, jobs, pipeline, registry, vault
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.doctor import examination, machine, outside, settings
from stonehand.jobs import declaration, queries
from stonehand.jobs.broker import doorbells, engine
from stonehand.jobs.clock import scheduler
from stonehand.jobs.errors import BrokerUnreachable
from stonehand.jobs.models import Doorbell, Job, Schedule, Worker
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence, starvation
from stonehand.limits.models import Breaker
from stonehand.llm import configured, refusals
from stonehand.llm.errors import KeyRefused
from stonehand.nlp import embedding
from stonehand.reviews.models import ApprovalPolicy
from tests.cli.conftest import Cli, Outcome
from tests.conftest import rings_written
from tests.docs.test_guide import complain
from tests.servers import Postgres, Redis

ME = str(presence.this_process())


@pytest.fixture(autouse=True)
def _fresh_engine() -> Iterator[None]:
    engine.app.cache_clear()
    yield
    engine.app.cache_clear()


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """One task of each of two queues."""
    monkeypatch.setattr(declaration, "_tasks", {})
    jobs.task("desks.wipe", queue="maintenance")(lambda attempt: None)
    jobs.task("desks.fetch", queue="fetch")(lambda attempt: None)


def findings(outcome: Outcome) -> dict[str, Any]:
    """By what was looked at; of several the first."""
    found: dict[str, Any] = {}
    for row in outcome.json:
        found.setdefault(row["check"], row)
    return found


def look(cli: Cli) -> dict[str, Any]:
    """Every finding, after a look at whether what they tell an operator to type exists."""
    outcome = cli("doctor", "--json")
    commands = [found for row in outcome.json for found in re.findall(r"stonehand (?!\[)([a-z][^;,()]*)", row["mend"])]
    wrong = [(words, said) for words in commands if (said := complain(_only_command(words)))]
    assert not wrong
    return findings(outcome)


def _only_command(words: str) -> list[str]:
    return words.partition(" or ")[0].split()


def work_for(database: Database, data_dir: Path, queues: tuple[str, ...] = declaration.QUEUES) -> None:
    """A worker of these queues that knows every task of them, a scheduler, and the model."""
    models = data_dir / "models"
    if models.is_symlink():  # all tests share what it leads to
        models.unlink()
        models.mkdir()
    (models / embedding.FILE).touch()
    known = [task.name for queue in queues for task in declaration.of_queue(queue)]
    with database.transaction() as session:
        presence.introduce(session, ME, queues, known, 1)
        pipeline.install_schedules(session)
    scheduler.tick(database)
    with database.transaction() as session:
        session.execute(sa.delete(Job))  # what the schedules have asked for


def ask(database: Database, task: str = "desks.wipe", age: timedelta = timedelta(hours=1), **values: Any) -> str:
    """A job that was asked for a while ago."""
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, {})
        values["run_at"] = db.now(session) - age
        session.execute(sa.update(Job).where(Job.id == job_id).values(**values))
    assert job_id
    return job_id


def test_nothing_is_wrong(cli: Cli, prepared: Database, data_dir: Path) -> None:
    work_for(prepared, data_dir)
    found = cli("doctor", "--json")
    assert [row for row in found.json if row["grade"] == "problem"] == []
    assert found.code == 0
    assert not (data_dir / "vault.key").exists()
    assert "It ticks" in findings(found)["scheduler"]["sentence"]


def test_without_anything_it_says_where_to_begin_and_makes_nothing(cli: Cli, data_dir: Path) -> None:
    outcome = cli("doctor", "--json")
    assert outcome.code == 1
    assert findings(outcome)["database"]["mend"] == "stonehand init"
    assert "workers" not in findings(outcome)
    assert not (data_dir / "stonehand.db").exists()


def test_no_workers(cli: Cli, prepared: Database, tasks: None) -> None:
    job_id = ask(prepared)
    found = look(cli)
    assert "No worker runs; ready: 1 job." in found["workers"]["sentence"]
    assert "desks.wipe has been ready for 60 min. No worker serves" in found["waiting jobs"]["sentence"]
    assert found["waiting jobs"]["mend"] == f"stonehand why {job_id}"
    assert "WRONG    workers" in cli("doctor").out


def test_a_worker_takes_no_tasks_because_it_serves_another_queue(
    cli: Cli,
    prepared: Database,
    data_dir: Path,
    tasks: None,
) -> None:
    work_for(prepared, data_dir, ("fetch",))
    job_id = ask(prepared)
    found = look(cli)["workers"]
    assert found["grade"] == "problem"
    assert "maintenance" in found["mend"]
    assert "fetch" not in found["mend"]
    assert "stonehand worker --queue maintenance" in cli("why", job_id).out


def test_a_worker_takes_no_tasks_because_the_queue_is_paused(
    cli: Cli,
    prepared: Database,
    data_dir: Path,
    tasks: None,
) -> None:
    work_for(prepared, data_dir)
    job_id = ask(prepared)
    cli("queue", "pause", "maintenance")
    found = look(cli)
    assert found["pauses"]["mend"] == "stonehand queue resume maintenance"
    assert "is paused by" in found["waiting jobs"]["sentence"]
    assert "is paused by" in cli("why", job_id).out


def test_a_worker_takes_no_tasks_because_it_is_of_another_version(
    cli: Cli,
    prepared: Database,
    data_dir: Path,
    tasks: None,
) -> None:
    work_for(prepared, data_dir)
    with prepared.transaction() as session:
        session.execute(sa.update(Worker).values(version="0.0.9", tasks=["desks.fetch"]))
    ask(prepared)
    found = look(cli)
    assert "0.0.9" in found["worker versions"]["sentence"]
    assert "No worker of maintenance knows the task desks.wipe" in found["worker tasks"]["sentence"]


def test_a_worker_hears_no_bell(cli: Cli, prepared: Database, data_dir: Path, tasks: None) -> None:
    work_for(prepared, data_dir)
    ring_in_vain(prepared)
    assert "maintenance: work waits" in look(cli)["bells"]["sentence"]


def ring_in_vain(database: Database) -> None:
    ask(database)
    rings_written()
    with database.transaction() as session:
        doorbells.answer(session, "maintenance", 0)
        rung = db.now(session) + timedelta(minutes=5)
        session.execute(sa.update(Doorbell).values(rung_at=rung))


def heard(database: Database) -> None:
    with database.transaction() as session:
        moment = db.now(session)
        session.merge(Doorbell(queue="maintenance", rung_at=moment, answered_at=moment))


def test_why_says_that_no_worker_hears(cli: Cli, prepared: Database, data_dir: Path, tasks: None) -> None:
    work_for(prepared, data_dir)
    job_id = ask(prepared)
    assert "no worker of maintenance hears the bell: the broker is away" in cli("why", job_id).out
    heard(prepared)
    assert "waits for a free worker" in cli("why", job_id).out
    ask(prepared, "desks.fetch", state=State.EXECUTING, worker=presence.member_of(ME))
    with prepared.transaction() as session:
        session.execute(sa.delete(Doorbell))
    assert "waits for a free worker" in cli("why", job_id).out  # its hands are full


def test_a_worker_that_has_its_hands_full_is_not_taken_for_deaf(
    cli: Cli, prepared: Database, data_dir: Path, tasks: None
) -> None:
    work_for(prepared, data_dir)
    ring_in_vain(prepared)
    ask(prepared, "desks.fetch", state=State.EXECUTING, worker=f"here:2:2{presence.OF}{ME}")
    finding = look(cli)["bells"]
    assert (finding["grade"], "something else to do" in finding["sentence"]) == ("warning", True)
    ask(prepared, "desks.fetch", state=State.EXECUTING, worker="here:2:2 of elsewhere:3:3")
    with prepared.transaction() as session:
        session.execute(sa.update(Worker).values(concurrency=2))
    assert look(cli)["bells"]["grade"] == "problem"


@pytest.mark.usefixtures("tasks")
def test_stuck_in_pending(cli: Cli, prepared: Database, data_dir: Path) -> None:
    work_for(prepared, data_dir)
    job_id = ask(prepared)
    heard(prepared)
    assert "waits for a free worker" in look(cli)["waiting jobs"]["sentence"]
    status = cli("task-status", job_id, "--json").json
    assert (status["celery_status"], status["state"]) == ("PENDING", "available")
    assert "waits for a free worker" in status["why"]


def test_an_unknown_job_is_never_pending(cli: Cli, prepared: Database) -> None:
    assert "no job nonsense" in str(cli("task-status", "nonsense").error)


def test_the_scheduler_does_not_fire(cli: Cli, prepared: Database, data_dir: Path) -> None:
    assert "no scheduler has ever run" in look(cli)["scheduler"]["sentence"]
    work_for(prepared, data_dir)
    assert look(cli)["scheduler"]["grade"] == "ok"
    with prepared.transaction() as session:
        session.execute(sa.update(Schedule).values(next_at=db.now(session) - timedelta(minutes=10)))
    found = look(cli)["scheduler"]
    assert "was due 10 min ago" in found["sentence"]
    assert found["mend"].startswith("stonehand scheduler")
    scheduler.tick(prepared)
    assert look(cli)["scheduler"]["grade"] == "ok"


def test_a_schedule_is_switched_off(cli: Cli, prepared: Database, data_dir: Path) -> None:
    work_for(prepared, data_dir)
    with prepared.transaction() as session:
        mine = sa.update(Schedule).where(Schedule.name == "sources.poll_due")
        session.execute(mine.values(is_enabled=False, changed_by="Ada"))
    assert "sources.poll_due is switched off by Ada" in look(cli)["schedules"]["sentence"]


def test_a_silent_broker_takes_no_more_than_its_time(
    cli: Cli,
    prepared: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()  # and never answer
        monkeypatch.setenv("REDIS_URL", f"redis://:hunter22@127.0.0.1:{door.getsockname()[1]}/0")
        config.settings.cache_clear()
        started = time.monotonic()
        found = findings(cli("doctor", "--json"))["broker"]
    assert time.monotonic() - started < 15
    assert found["grade"] == "problem"
    assert "no answer in 3 s" in found["sentence"]
    assert "hunter22" not in found["sentence"]


def test_redis_is_down(cli: Cli, prepared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    config.settings.cache_clear()
    found = look(cli)["broker"]
    assert found["grade"] == "problem"
    assert "refused" in found["sentence"]
    assert f"redis-cli -p {port} ping" in found["mend"]
    assert f" redis://127.0.0.1:{port}/0 " in found["sentence"]


@pytest.mark.parametrize(
    ("broker", "words"),
    [
        ("redis://localhost:6379/0", "redis-cli ping"),
        ("redis://:s3cret-word@redis.example:6380/1", "redis-cli -h redis.example -p 6380 --askpass ping"),
        ("rediss://redis.example/0", "redis-cli -h redis.example --tls ping"),
        ("sentinel://a.example:26379;sentinel://b.example:26379", "redis-cli -h HOST -p PORT ping"),
    ],
)
def test_the_redis_that_is_meant_is_asked(monkeypatch: pytest.MonkeyPatch, broker: str, words: str) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", broker)
    config.settings.cache_clear()
    assert f"; {words} (" in outside._how_to_start()


def test_a_certificate_that_nobody_vouches_for_is_no_server_that_is_down(
    cli: Cli, prepared: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_seconds: float) -> str:
        raise BrokerUnreachable("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate (_ssl.c:1006).")

    monkeypatch.setattr(engine, "reach", refuse)
    monkeypatch.setenv("REDIS_URL", "rediss://127.0.0.1:6380/0")
    config.settings.cache_clear()
    found = look(cli)["broker"]
    assert found["sentence"].endswith("(_ssl.c:1006).")
    assert "rediss://HOST:PORT/0?ssl_ca_certs=" in found["mend"]


def test_redis_must_not_evict(
    cli: Cli,
    prepared: Database,
    redis_server: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import redis

    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    config.settings.cache_clear()
    client = redis.Redis(port=redis_server.port)
    assert look(cli)["broker"]["grade"] == "ok"
    try:
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert look(cli)["broker"]["grade"] == "warning"  # nothing limits its memory yet
        client.config_set("maxmemory", "64mb")
        found = look(cli)["broker"]
    finally:
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")
    assert found["grade"] == "problem"
    assert "allkeys-lru" in found["sentence"]
    assert f"redis-cli -p {redis_server.port} config set maxmemory-policy noeviction" in found["mend"]


def test_memory(
    cli: Cli,
    prepared: Database,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work_for(prepared, data_dir)
    with prepared.transaction() as session:
        presence.sign_of_life(session, ME)  # with the memory of this process
    assert look(cli)["worker memory"]["grade"] == "ok"
    monkeypatch.setenv("STONEHAND_WORKER_MAX_MEMORY_MB", "200")
    config.settings.cache_clear()
    with prepared.transaction() as session:
        session.execute(sa.update(Worker).values(processes=[{"pid": 1, "started": 1, "memory": 201 * 2**20}]))
    monkeypatch.setattr(machine, "LITTLE_MEMORY", 2**50)
    found = look(cli)
    assert "STONEHAND_WORKER_MAX_MEMORY_MB" in found["worker memory"]["mend"]
    assert found["memory"]["grade"] == "warning"


def test_processes_that_were_ended_for_lack_of_memory(
    cli: Cli, prepared: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_for(prepared, data_dir)
    monkeypatch.setattr(starvation, "_killed", lambda: starvation.at_start() + 3)
    with prepared.transaction() as session:
        presence.sign_of_life(session, ME)
    found = look(cli)["worker memory"]
    assert found["grade"] == "warning"
    assert "For lack of memory the system has ended 3 processes beside" in found["sentence"]
    assert "stonehand dead-letters" in found["mend"]


def test_a_room_cannot_be_imported(
    cli: Cli,
    prepared: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "cellar").mkdir()
    (tmp_path / "cellar" / "__init__.py").touch()
    (tmp_path / "cellar" / "tasks.py").write_text("import nothing_of_this_name")
    monkeypatch.setattr(stonehand, "__path__", [*stonehand.__path__, str(tmp_path)])
    monkeypatch.setattr(pipeline, "ROOMS", (*pipeline.ROOMS, "cellar"))
    found = look(cli)["rooms"]
    sys.modules.pop("stonehand.cellar", None)
    assert found["grade"] == "problem"
    assert "No module named 'nothing_of_this_name'" in found["sentence"]


def test_a_plugin_cannot_be_loaded(cli: Cli, prepared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = registry.Registry()
    broken.load(object(), "empty")
    broken.load(type("Plugin", (), {"register_sources": hookspecs.hookimpl(lambda add: 1 / 0)})(), "divider")
    monkeypatch.setattr(registry, "registry", lambda: broken)
    assert "divider cannot be loaded" in look(cli)["plugins"]["sentence"]


def test_a_lease_ran_out_and_nobody_takes_back(
    cli: Cli,
    prepared: Database,
    data_dir: Path,
    tasks: None,
) -> None:
    work_for(prepared, data_dir)
    ask(prepared, state=State.EXECUTING, lease_until=db.utc_now() - timedelta(minutes=5), worker="far:1:1")
    assert "no longer says it is alive" in look(cli)["leases"]["sentence"]


def test_dead_letters_stand_together_by_what_they_died_of(
    cli: Cli,
    prepared: Database,
    data_dir: Path,
    tasks: None,
) -> None:
    work_for(prepared, data_dir)
    for number in (404, 410):
        ask(prepared, state=State.DISCARDED, error=f"https://example.org/{number} said {number}", error_kind="Gone")
    ask(prepared, "desks.fetch", state=State.NEEDS_RECONCILE, error="no answer")
    outcome = cli("doctor", "--json")
    assert outcome.code == 0  # nothing that keeps work from being done
    rows = [row for row in outcome.json if row["check"] == "dead letters"]
    assert len(rows) == 1
    assert "2 dead letters of desks.wipe" in rows[0]["sentence"]
    assert findings(outcome)["to reconcile"]["grade"] == "warning"


def test_an_open_breaker(cli: Cli, prepared: Database) -> None:
    with prepared.transaction() as session:
        session.add(Breaker(name="host:example.org:443", state="OPEN", failures=5, last_error="timed out"))
    assert "host:example.org:443 is OPEN, after 5 failures: timed out" in look(cli)["breakers"]["sentence"]


def test_a_language_model_without_a_key_that_works(
    cli: Cli, prepared: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "drafts are made of quotations" in look(cli)["language models"]["sentence"]
    monkeypatch.setenv("STONEHAND_LLM_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.setenv("STONEHAND_LLM_MODEL", "gpt-5-mini")
    config.settings.cache_clear()
    assert "settings has no key" in look(cli)["language models"]["sentence"]
    monkeypatch.setenv("STONEHAND_LLM_API_KEY", "a-key-of-theirs")
    config.settings.cache_clear()
    assert "settings is asked first" in look(cli)["language models"]["sentence"]
    with prepared.read() as session:
        model = configured.get(session, "environment")
    refusals.note(model, KeyRefused("no such key"))
    assert "The key of settings is refused" in look(cli)["language models"]["sentence"]


def test_a_policy_that_is_over(cli: Cli, prepared: Database, data_dir: Path) -> None:
    work_for(prepared, data_dir)
    assert look(cli)["policies"]["grade"] == "ok"
    with prepared.transaction() as session:
        moment = db.now(session)
        channel = Channel(
            name="The Post", slug="post", kind="folder", config={}, secrets={}, is_enabled=True, created_at=moment
        )
        session.add(channel)
        session.flush()
        terms = {"reason": "Weather", "daily_cap": 5, "support": "verbatim", "source_ids": [], "agent_ids": []}
        terms |= {"created_by": "ada", "updated_by": "ada", "max_words": 600, "created_at": moment}
        last = moment - timedelta(days=1)
        session.add(ApprovalPolicy(channel_id=channel.id, is_on=True, expires_at=last, updated_at=last, **terms))
    found = look(cli)["policies"]
    assert (found["grade"], "The Post is over since" in found["sentence"]) == ("warning", True)
    assert found["mend"].startswith("stonehand policy off 'The Post'")


def test_a_damaged_database(cli: Cli, data_dir: Path) -> None:
    (data_dir / "stonehand.db").write_bytes(b"no database at all" * 100)
    found = findings(cli("doctor", "--json"))["database"]
    assert found["grade"] == "problem"
    assert "damaged" in found["sentence"]


def test_a_database_of_another_version(cli: Cli, prepared: Database) -> None:
    with prepared.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    assert "stonehand init" in look(cli)["migrations"]["mend"]
    with prepared.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert "newer Stonehand" in look(cli)["migrations"]["mend"]


def test_a_lost_key(cli: Cli, prepared: Database, data_dir: Path) -> None:
    (data_dir / "vault.key").write_text("this is no key")
    (data_dir / "vault.key").chmod(0o600)
    assert look(cli)["vault key"]["grade"] == "problem"


def test_a_worker_that_lacks_a_key_is_named_with_it(
    cli: Cli, prepared: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_for(prepared, data_dir)
    here, elsewhere = vault.new_key(), vault.new_key()
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", elsewhere)
    config.settings.cache_clear()
    with prepared.transaction() as session:
        presence.sign_of_life(session, ME)
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", f"{here},{elsewhere}")
    config.settings.cache_clear()
    assert "seals new secrets with the key " + vault.fingerprint(elsewhere) in look(cli)["worker keys"]["sentence"]
    configured_with_key(prepared)
    found = look(cli)["worker keys"]
    assert (found["grade"], vault.fingerprint(here) in found["sentence"]) == ("problem", True)
    assert "STONEHAND_VAULT_KEYS" in found["mend"]


def configured_with_key(database: Database) -> None:
    """One sealed secret, under the newest key."""
    with database.transaction() as session:
        values = {"kind": "webhook", "config": {}, "secrets": {"token": vault.seal("s3cret-token", "channel")}}
        session.add(Channel(name="Hook", slug="hook", is_enabled=True, created_at=db.now(session), **values))


def test_a_job_that_waits_for_a_key(cli: Cli, prepared: Database, data_dir: Path) -> None:
    work_for(prepared, data_dir)
    job_id = ask(prepared, "sources.poll_due", state="scheduled", gate=vault.GATE, message="no key opens it; bring it")
    found = look(cli)["worker keys"]
    assert (found["grade"], job_id in found["sentence"], found["mend"]) == ("problem", True, "bring it")


def test_settings_that_do_not_fit(cli: Cli, prepared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_HOST", "0.0.0.0")
    config.settings.cache_clear()
    assert "without encryption" in look(cli)["settings"]["sentence"]
    monkeypatch.setenv("STONEHAND_PUBLIC_URL", "https://news.example.org")
    config.settings.cache_clear()
    assert look(cli)["settings"]["grade"] == "ok"
    with prepared.transaction() as session:
        for name in ("one:1:1", "two:1:1"):
            presence.introduce(session, name, ["fetch"], [], 1)
    verdicts = settings.machines()
    assert [verdict.grade for verdict in verdicts] == ["problem", "problem", "warning"]
    assert "STONEHAND_VAULT_KEYS" in verdicts[-1].mend


@pytest.mark.parametrize(("seconds", "grade"), [(0.3, "ok"), (-20, "warning"), (3600, "problem")])
def test_a_clock_that_is_off(
    prepared: Database,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    grade: str,
) -> None:
    theirs = db.utc_now
    monkeypatch.setattr(db, "now", lambda session: theirs() - timedelta(seconds=seconds))
    (found,) = machine.clock()
    assert found.grade == grade


def test_postgresql(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    from stonehand.migrations import upgrading

    monkeypatch.setenv("DATABASE_URL", postgres.make_database(db.new_id()))
    config.settings.cache_clear()
    upgrading.upgrade(db.database())
    found = {each.check: each for each in examination.examine(load_rooms=False)}
    assert "PostgreSQL" in found["database"].sentence
    assert re.search(r"\d+ of \d+ connections", found["database connections"].sentence)
    assert found["clock"].grade == "ok"
    assert found["workers"].grade == "problem"


def test_nothing_is_left_behind(cli: Cli, prepared: Database, tasks: None) -> None:
    job_id = ask(prepared)
    cli("doctor")
    with prepared.read() as session:
        assert queries.job(session, job_id).state == State.AVAILABLE
        assert session.scalars(sa.select(Worker)).all() == []


def test_a_vector_server_that_is_away_is_named_with_what_mends_it(
    prepared: Database, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:  # bound and not listening, so nobody answers there
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        monkeypatch.setenv("QDRANT_URL", url)
        config.settings.cache_clear()
        found = findings(cli("doctor", "--json"))["vector server"]
    assert (found["grade"], url in found["sentence"], "QDRANT_URL" in found["mend"]) == ("warning", True, True)
