"""What must be true before anything starts: a data directory, a sound database, a model, perhaps a sample."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stonehand import config, db, log, migrations
from stonehand.cli import footing
from stonehand.errors import StonehandError

if TYPE_CHECKING:
    from stonehand.sample.record import Record


READ_BY_THEN = timedelta(minutes=2)
"""After which the sample's reports have their stories, so that the page Trends shows what it is for."""


def data_dir() -> Path:
    """The data directory of these settings."""
    return config.settings().data_dir


def prepare() -> None:
    """Make the data directory and bring the database to this version. Safe to run again."""
    from stonehand.cli import approving
    from stonehand.migrations import upgrading

    settings = config.settings()
    log.configure(settings.log_level, settings.log_format)
    footing.make_folder(settings.data_dir)
    with log.quiet("alembic"):
        migrations.check_integrity(db.database())
        upgrading.upgrade(db.database())
    approving.ensure_folder_channel()


def open_database() -> db.Database:
    """The database that `stonehand init` made. Raises `NotPrepared`; a verb that only looks makes nothing itself."""
    from stonehand.accounts import service  # noqa: F401  loaded now, since loading it takes too long for a transaction

    settings = config.settings()
    log.configure("WARNING", settings.log_format)  # verbs print what they did; only trouble is logged beside it
    footing.require_files(settings.data_dir)
    with log.quiet("alembic"):
        if not migrations.is_current(db.database()):
            raise footing.NotPrepared("the database is not of this version; stop Stonehand and run: stonehand init")
    return db.database()


def open_pipeline() -> db.Database:
    """The database, and this process able to ask for work: it announces, and rings the workers' bells."""
    from stonehand import pipeline
    from stonehand.jobs.broker import engine

    database = open_database()
    pipeline.install()
    engine.connect()
    return database


def prepare_model() -> None:
    """Build the embedding model once."""
    from stonehand.nlp import embedding

    embedding.prepare()


def say_setup_link(address: str) -> None:
    """Print the one-time link that makes the first administrator, if there is none yet."""
    from stonehand.accounts import entering, queries

    with db.database().transaction() as session:
        if not queries.setup_needed(session):
            return
        secret = entering.make_setup_link(session)
    click.echo(f"Make yourself at home (once, within 24 hours): {address}/setup?key={secret}")


def add_sources(urls: Sequence[str]) -> int:
    """Find out what each URL is, say so, and add it. One that fails is named, and the others go on."""
    from stonehand import pipeline
    from stonehand.sources import intake, service

    pipeline.install()
    added = 0
    for url in urls:
        try:
            for found in intake.identify(url, files=True):
                if found.refused:
                    click.echo(f"{found.title or found.url} was left out: {found.refused}", err=True)
                    continue
                with db.database().transaction() as session:
                    service.add(session, found)
                click.echo(f"{found.url}: {found.sentence}")
                added += 1
        except StonehandError as error:
            click.echo(f"{url} was not added: {error}", err=True)
    return added


def sample_for(urls: Sequence[str], wanted: bool) -> list[str]:
    """The supervisor's arguments for serving the sample: wanted, and either loaded before or the database is empty."""
    from stonehand.sample import record as records
    from stonehand.sources import queries

    record = records.read()
    with db.database().read() as session:
        empty = not queries.any_source(session)
        loaded = queries.any_source(session, is_sample=True)
    if record is None or not loaded:
        if urls or not wanted or not empty or (record and record.removed):
            return []
        record = records.read_or_new()
    _add_outlets(record)
    click.echo("The sample newsroom is loaded: everything in it is invented. `stonehand sample remove` takes it away.")
    return ["--sample-port", str(record.port), "--sample-epoch", record.epoch]


def load_sample() -> None:
    """Add the sample's outlets, to be served by the next `stonehand start`. Again, it changes nothing."""
    from stonehand.sample import record

    _add_outlets(record.read_or_new())


def _add_outlets(record: Record) -> None:
    from stonehand import jobs, pipeline
    from stonehand.sample import loading, staff
    from stonehand.sources import queries

    pipeline.install()
    with db.database().transaction() as session:
        if not queries.any_source(session, is_sample=True):
            jobs.enqueue(session, "trends.update", {}, run_at=db.now(session) + READ_BY_THEN)
        staff.add_agent(session, loading.add_outlets(session, f"http://127.0.0.1:{record.port}"))
