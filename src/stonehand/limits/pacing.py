"""One pacer for each host, shared by all workers: reserve a slot, wait for it outside the transaction, then ask.

    wait = pacing.reserve(session, pacing.host_of(url), settings().host_interval_seconds)
    if wait > pacing.HORIZON: nothing was reserved; put the job back for `wait` seconds
    else: the slot is ours in `wait` seconds

Loopback and the networks that an operator has opened are not paced, unless a person sets a pace for them: nobody
there minds. A provider of language models has a slot of its own, under its name (`provider:host:port`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from stonehand import config, db
from stonehand.limits import paces
from stonehand.limits.models import HostSlot

HORIZON = 30.0  # seconds; who would have to wait longer does not queue
LONGEST_DEFERRAL = 86_400.0  # seconds
PROVIDER = "provider:"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def host_of(url: str) -> str:
    """The pacer's key of an address: `host:port` in lower case."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "malformed:0"  # asking it will say what is wrong
    port = port or (443 if parts.scheme.lower() == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host[:253]}:{port}"


def reserve(session: Session, host: str, interval: float) -> float:
    """Seconds to wait until the slot that is now ours; over `HORIZON`, the wait that would be, and no slot is ours."""
    return reserve_many(session, [host], interval)[0]


def reserve_many(session: Session, hosts: Sequence[str], interval: float) -> list[float]:
    """As `reserve`, for each host in its place. Rows are locked in one order, so that two batches never deadlock."""
    steps = intervals(session, hosts, interval)
    paced = sorted((host.lower(), place) for place, host in enumerate(hosts) if steps[host] > 0)
    waits = [0.0] * len(hosts)
    now = db.now(session).timestamp() if paced else 0.0
    for host, place in paced:
        waits[place] = _reserve(session, host, steps[hosts[place]], now)
    return waits


def reserve_every(session: Session, host: str, interval: float) -> float:
    """As `reserve`, for who has asked `intervals` before: every so many seconds."""
    return _reserve(session, host.lower(), interval, db.now(session).timestamp())


def intervals(session: Session, hosts: Sequence[str], usual: float) -> dict[str, float]:
    """Seconds between two questions to each host.

    What a person has set goes before all. Without that it is the usual, or more if the host's robots.txt asks for it;
    or 0 if the host is not paced.
    """
    targets = {host: _target(host) for host in hosts}
    said = paces.intervals(session, set(targets.values()))
    paced = {host: host.lower() for host, target in targets.items() if target not in said and is_paced(host)}
    wished = _delays(session, set(paced.values()))
    own = {host: max(usual, wished.get(key, 0.0)) for host, key in paced.items()}
    return {host: said.get(target, own.get(host, 0.0)) for host, target in targets.items()}


def _delays(session: Session, hosts: Collection[str]) -> dict[str, float]:
    if not hosts:
        return {}
    wish = sa.select(HostSlot.host, HostSlot.delay).where(HostSlot.host.in_(hosts), HostSlot.delay > 0)
    return {host: float(delay) for host, delay in session.execute(wish)}


def ask_for_delay(session: Session, host: str, seconds: float) -> None:
    """Leave so many seconds between two questions to a host, as its robots.txt asks; 0 takes the wish back."""
    if seconds <= 0:
        session.execute(sa.update(HostSlot).where(HostSlot.host == host.lower()).values(delay=0.0))
        return
    row = db.insert(session, HostSlot).values(host=host.lower(), next_at=0.0, delay=seconds)
    session.execute(row.on_conflict_do_update(index_elements=["host"], set_={"delay": row.excluded.delay}))


def _target(host: str) -> str:
    return host.lower() if host.startswith(PROVIDER) else f"host:{host.lower()}"


def rest(session: Session, host: str) -> float:
    """Seconds for which a host or provider has asked to be left alone; 0 if it has not."""
    until = session.scalar(sa.select(HostSlot.retry_at).where(HostSlot.host == host.lower())) or 0.0
    return max(until - db.now(session).timestamp(), 0.0) if until else 0.0


def defer(session: Session, host: str, seconds: float) -> None:
    """Leave the whole host alone for `seconds`, as its Retry-After asks; an earlier, longer wish stays."""
    if not is_paced(host):
        return
    now = db.now(session).timestamp()
    until = now + min(max(seconds, 0.0), LONGEST_DEFERRAL)
    row = db.insert(session, HostSlot).values(host=host.lower(), next_at=now, retry_at=until)
    later = sa.case((HostSlot.retry_at > row.excluded.retry_at, HostSlot.retry_at), else_=row.excluded.retry_at)
    session.execute(row.on_conflict_do_update(index_elements=["host"], set_={"retry_at": later}))


def is_paced(host: str) -> bool:
    """False for loopback and for literal addresses inside the networks that the operator has opened."""
    return _is_paced(host, config.settings().allow_networks)


@lru_cache(4096)
def _is_paced(host: str, opened: tuple[config.Network, ...]) -> bool:
    name = host.rpartition(":")[0].strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return False
    try:
        address = ip_address(name)
    except ValueError:
        return True
    return not any(address in network for network in (*LOOPBACK, *opened))


def _reserve(session: Session, host: str, interval: float, now: float) -> float:
    connection, said = session.connection(), {"host": host, "step": interval, "now": now, "last": now + HORIZON}
    taken = connection.execute(_taking(db.dialect(session)), said).scalar_one_or_none()
    if taken is not None:
        return max(float(taken) - interval - now, 0.0)
    return float(connection.execute(_looking(), {"host": host, "now": now}).scalar_one()) - now


@cache
def _taking(name: str) -> Any:
    """Built once: each question to a host asks for a slot, and to build this takes longer than to run it."""
    step, last = sa.bindparam("step", type_=sa.Double), sa.bindparam("last", type_=sa.Double)
    first = sa.bindparam("now", type_=sa.Double) + step
    row = db.insert_by(name, HostSlot).values(host=sa.bindparam("host"), next_at=first)
    taken = {"next_at": _free() + step}
    return row.on_conflict_do_update(index_elements=["host"], set_=taken, where=_free() <= last).returning(
        HostSlot.next_at
    )


@cache
def _looking() -> Any:
    return sa.select(_free()).where(HostSlot.host == sa.bindparam("host"))


def _free() -> sa.ColumnElement[float]:
    table = HostSlot.__table__.c
    return _latest(_latest(table.next_at, table.retry_at), sa.bindparam("now", type_=sa.Double))


def _latest(one: sa.ColumnElement[float], other: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    return sa.case((one > other, one), else_=other)
