"""The database: its engine, the base of every table, and the only two ways to open a transaction.

`Database.read()` sees and never writes; `Database.transaction()` commits at its end or not at all. Nobody else commits.
SQLite (WAL) and PostgreSQL run the same code.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DatabaseError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement

from stonehand import config, stopwatch
from stonehand.errors import StonehandError, Unavailable
from stonehand.ids import first_id, new_id

RESTED = 1.0  # seconds after which a connection is asked whether it lives before it is used
AfterCommit = Callable[[], None]


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, is locked for too long, or its disk is full."""


class DatabaseAway(DatabaseUnavailable):
    """The database is gone, locked or full whatever it is asked, so it is not the fault of who asks."""


class DatabaseDamaged(StonehandError):
    """The database file cannot be read as a database."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time in UTC. SQLite keeps it as text that sorts as time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sqlite.DATETIME())  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Base of every table. Constraints have names, so that migrations can change them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: Json, list[str]: Json, list[Any]: Json}  # noqa: RUF012


def utc_now() -> datetime:
    """The host's clock. Jobs use `now(session)`, the database's clock, instead."""
    return datetime.now(UTC)


def now(session: Session) -> datetime:
    """The database's clock. On SQLite that is the host's, since both are one machine."""
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()
    moment: datetime = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


class clock(FunctionElement[datetime]):  # noqa: N801  a function of SQL
    """The database's clock as part of a statement, so that nobody need ask for it first."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(clock, "postgresql")
def _clock_of_postgresql(*_: Any, **__: Any) -> str:
    return "clock_timestamp()"


@compiles(clock, "sqlite")
def _clock_of_sqlite(*_: Any, **__: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"  # as SQLAlchemy writes times


def dialect(session: Session) -> str:
    """The database's name: `sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def among(session: Session, column: Any, values: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether a column of texts has one of these values.

    PostgreSQL takes them as one array, so that it need not read a new statement for each number of them, and SQLAlchemy
    need not write one.
    """
    if dialect(session) == "postgresql":
        return sa.type_coerce(column == sa.any_(sa.literal(list(values), postgresql.ARRAY(sa.String()))), sa.Boolean)
    return sa.type_coerce(column.in_(values), sa.Boolean)


def insert(session: Session, table: Any) -> Any:
    """The dialect's INSERT, which knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_by(dialect(session), table)


def insert_by(name: str, table: Any) -> Any:
    """The INSERT of the dialect of this name: for statements that are built once."""
    return (sqlite if name == "sqlite" else postgresql).insert(table)


def after_commit(session: Session, deed: AfterCommit) -> None:
    """Run `deed` once `session` has committed; never if it rolls back."""
    session.info.setdefault("after_commit", []).append(deed)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours, with words a person can use."""
    try:
        yield
    except OperationalError as error:
        raise _readable(error) from error
    except DatabaseError as error:
        if "malformed" in str(error) or "not a database" in str(error):
            raise _readable(error) from error
        raise


def _readable(error: DatabaseError) -> StonehandError:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
    if "malformed" in reason or "not a database" in reason:
        return DatabaseDamaged(
            f"the database file is damaged ({reason}); stop Stonehand, move the file away and restore a backup"
        )
    if "disk I/O error" in reason:  # what SQLite says when a quota or a file's largest size is reached, too
        return DatabaseAway("the disk of the database refuses to write; it may be full, at its quota, or failing", 15)
    if "full" in reason or "No space left" in reason:
        return DatabaseAway(f"the disk is full ({reason}); free some space, work then goes on", 15)
    is_away = error.connection_invalidated or error.statement is None or "database is locked" in reason
    kind = DatabaseAway if is_away else DatabaseUnavailable
    return kind(f"the database did not answer: {reason}", 5)


SQLITE_WAYS = (
    *("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"),
    # Pages go from the log into the file every 16 MB: at SQLite's own 4 MB, each batch of articles among a hundred
    # thousand did that anew, for half of its time.
    "wal_autocheckpoint=4000",
    "cache_size=-16000",  # KiB a connection: what a batch writes all over the file stays at hand until it is written
)
SQLITE_UPKEEP = ("PRAGMA analysis_limit=1000", "ANALYZE", "PRAGMA wal_checkpoint(PASSIVE)")
"""The limit is how many rows of an index are looked at: milliseconds, however large the file."""


class Database:
    """One engine and its transactions. Forked processes must each make their own."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._hasty = self.engine if url.startswith("sqlite") else _hasty_engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the data and leaves nothing behind."""
        with (
            translated(),
            stopwatch.watched(),
            Session(self.engine, expire_on_commit=False, autoflush=False) as session,
        ):
            yield session

    def ask(self, question: sa.Executable) -> sa.Row[*tuple[Any, ...]]:
        """The one row of a question. Cheaper than a session, for what is asked once a second."""
        with translated(), self.engine.connect() as connection:
            return connection.execute(question).one()

    @contextmanager
    def transaction(self, durable: bool = True) -> Iterator[Session]:
        """A session that commits at the end, or rolls back on any error, and then runs what waited for the commit.

        Without `durable`, a crash of the database may undo it after it has committed: for what is only bookkeeping.
        """
        engine = self.engine if durable else self._hasty
        with translated(), Session(engine, expire_on_commit=False) as session:
            with session.begin():
                session.connection(execution_options={"writes": True})  # SQLite: waits for its turn here
                with stopwatch.watched():
                    yield session
                    session.flush()
            deeds = session.info.pop("after_commit", [])
        for deed in deeds:
            deed()

    def upkeep(self) -> None:
        """Let the database count anew what stands in its tables, so that it goes on finding rows the short way.

        Each statement is a transaction of its own. SQLite also folds its log back into its file.
        """
        deeds = SQLITE_UPKEEP if self.engine.dialect.name == "sqlite" else ("ANALYZE",)
        with translated(), closing(self.engine.raw_connection()) as connection:
            for deed in deeds:
                connection.cursor().execute(deed)
                connection.commit()

    def close(self) -> None:
        """Let go of every connection."""
        for engine in {self.engine, self._hasty}:
            engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url, pool_size=5, max_overflow=20)
        event.listen(engine, "checkin", _note_return)
        event.listen(engine, "checkout", partial(_ask_if_rested, engine.dialect))
        return engine
    engine = sa.create_engine(url, connect_args={"timeout": 15, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_cursor_execute", stopwatch.enter_sqlite)
    event.listen(engine, "after_cursor_execute", stopwatch.leave_sqlite)
    return engine


def _hasty_engine(url: str) -> Engine:
    """Connections that do not wait for the disk. Saying so in each transaction costs more than a connection more."""
    engine = _engine(url)
    event.listen(engine, "connect", _hurry)
    return engine


def _hurry(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.execute("SET synchronous_commit = off")
    connection.commit()


def _note_return(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["returned"] = time.monotonic()


def _ask_if_rested(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Make sure that a connection which was not used for a while still lives. Asking each time costs a round trip."""
    if time.monotonic() - record.info.get("returned", time.monotonic()) < RESTED:
        return
    try:
        dialect.do_ping(connection)
    except Exception as error:
        raise InvalidatePoolError("the server was restarted meanwhile") from error


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in SQLITE_WAYS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that starts as a reader can fail at its first write; BEGIN IMMEDIATE waits its turn instead.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def database() -> Database:
    """The database of this process."""
    settings = config.settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(settings.database)


__all__ = [
    "Base",
    "Database",
    "Json",
    "Mapped",
    "MappedAsDataclass",
    "Session",
    "UtcDateTime",
    "first_id",
    "mapped_column",
    "new_id",
]
